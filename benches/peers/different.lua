-- Each request has another filter and another limit, so that no two of those that run at the same time are for the
-- same list.
dofile(os.getenv("BENCH_REPORT"))

local paths = {}
local count, thread_count = 0, 0

function setup(thread)
  thread:set("start", thread_count * 3000)
  thread_count = thread_count + 1
end

function init(args)
  for limit = 10, 29 do
    for price = 1, 299 do
      paths[#paths + 1] = wrk.format("GET", string.format("/rooms?filter_price__lt=%d&limit=%d", price, limit))
    end
  end
  count = start
end

function request()
  count = count % #paths + 1
  return paths[count]
end
