-- Of every twenty requests, nineteen read the whole list and one writes a room: one of a hundred existing
-- rooms, each time with a different price. BENCH_TOKEN is the admin token.
dofile(os.getenv("BENCH_REPORT"))

local reads, writes = "", {}
local count, written, thread_count = 0, 0, 0

function setup(thread)
  -- Start each thread at a different room, so that they do not write the same rooms in the same order.
  thread:set("start", thread_count * 50)
  thread_count = thread_count + 1
end

function init(args)
  local headers = {
    ["Authorization"] = "Bearer " .. os.getenv("BENCH_TOKEN"),
    ["Content-Type"] = "application/json",
  }
  reads = wrk.format("GET", "/rooms")
  for price = 1, 7 do
    for room = 0, 99 do
      local path = string.format("/rooms/00000000-0000-4000-8000-%012d", room)
      local body = string.format('{"size":20,"price":%d,"latitude":51.5,"longitude":-0.12}', price)
      writes[#writes + 1] = wrk.format("PUT", path, headers, body)
    end
  end
  written = start
end

function request()
  count = count + 1
  if count % 20 ~= 0 then
    return reads
  end
  written = written % #writes + 1
  return writes[written]
end
