"""Reports a run: tables on standard output, result.json and plot.svg."""

import json
from html import escape

from contenders import CONTENDERS
from goals import Goals
from rows import ALONE, SMALL, THROUGHPUT, scale_rows

NAMES = {who.key: who.name for who in CONTENDERS} | {"psql": "psql"}
UNITS = {
    "throughput": "{:,.0f}/s", "p50_us": "p50 {:,.0f} µs", "p99_us": "p99 {:,.0f} µs",
    "seconds": "{:.2f} s", "rooms_a_second": "{:,.0f} rooms/s", "growth_kib": "grew {:,.0f} KiB",
    "start_ms": "{:.1f} ms", "rest_kib": "{:,.0f} KiB", "instructions": "{:,.0f} instructions",
}


def brief(sample):
    return ", ".join(form.format(sample[name]) for name, form in UNITS.items() if name in sample)


def write(folder, facts, bench):
    results = bench.results()
    failed = {row for row, _, _ in bench.failures}
    goals = Goals(results, failed, facts).all()
    print("\n".join(tables(facts, results, bench.failures)))
    print("\n## Goals\n")
    lines = [(goal.work, goal.goal, goal.measured, goal.verdict) for goal in goals]
    print("\n".join(table(("work", "goal", "measured", ""), lines)))
    print("\nWith caching off, concurrent requests for the same list still share one read; with one connection "
          "they cannot. The medians at both sizes were measured with caching off.")
    if not facts["can_turn_caching_off"]:
        print(f"\nThis binary has no setting {facts['cache_setting']}, so nothing was measured with caching off.")
    (folder / "result.json").write_text(json.dumps({
        "facts": facts,
        "medians": nested(results),
        "samples": nested(bench.samples),
        "failures": [{"row": row, "contender": who, "error": error}
                     for row, who, error in bench.failures],
        "goals": [{"work": goal.work, "goal": goal.goal, "measured": goal.measured, "met": goal.met}
                  for goal in goals],
    }, indent=1, ensure_ascii=False) + "\n")
    (folder / "plot.svg").write_text(plot(results))
    for row, who, error in bench.failures:
        print(f"\nFAILED: {row}, {NAMES.get(who, who)}: {error}")


def nested(results):
    rows = {}
    for (row, who), value in results.items():
        rows.setdefault(row, {})[who] = value
    return rows


def tables(facts, results, failures):
    yield f"\n# {facts['rentomatic']} and its peers\n"
    yield (f"{facts['cores']} cores of {facts['processor']}, Linux {facts['kernel']}, PostgreSQL "
           f"{facts['postgresql']}; {facts['rounds']} rounds of {facts['seconds_each']} s; "
           f"{facts['minutes']:.0f} minutes.")
    broken = {(row, who) for row, who, _ in failures}
    sizes = (SMALL, facts["million"])
    for row in [*THROUGHPUT, *ALONE, *scale_rows(sizes)]:
        yield from wrk_table(row, results, broken)
    yield from scale_table(sizes, results)
    for key, title, columns in (
        ("stream", f"{facts['million']:,} rooms as one JSON array; psql: COPY TO STDOUT",
         (("rooms/s", "rooms_a_second", 1, 0), ("s", "seconds", 1, 2), ("MB/s", "megabytes_a_second", 1, 0),
          ("first byte, ms", "first_ms", 1, 1), ("growth, MB", "growth_kib", 1.024e-3, 1))),
        ("export", f"{facts['million']:,} rooms as CSV, from the terminal",
         (("rooms/s", "rooms_a_second", 1, 0), ("s", "seconds", 1, 2), ("CPU, s", "cpu_seconds", 1, 2),
          ("peak, MB", "peak_kib", 1.024e-3, 1))),
        ("import", f"{facts['million']:,} rooms from a CSV file into PostgreSQL",
         (("rooms/s", "rooms_a_second", 1, 0), ("s", "seconds", 1, 2), ("CPU, s", "cpu_seconds", 1, 2),
          ("peak, MB", "peak_kib", 1.024e-3, 1), ("longest write of another, ms", "longest_write_ms", 1, 1))),
        ("start", "start-up to the first response, and idle memory",
         (("ms", "start_ms", 1, 1), ("memory, MB", "rest_kib", 1.024e-3, 1))),
    ):
        yield from simple_table(key, title, columns, results)
    counted = [(row.partition(", ")[2], f"{value['instructions']:,.0f}")
               for (row, _), value in results.items() if row.startswith("instructions")]
    if counted:
        yield "\n## Instructions per request, by callgrind, SQLite\n"
        yield from table(("request", "instructions"), counted)


def wrk_table(row, results, broken):
    best = results.get((row.key, "rm-pg"))
    lines = []
    for who in CONTENDERS:
        result = results.get((row.key, who.key))
        if result:
            lines.append((who.name, f"{result['throughput']:,.0f}",
                          f"{best['throughput'] / result['throughput']:.2f}" if best else "",
                          f"{result['p50_us']:,.0f}", f"{result['p99_us']:,.0f}", f"{result['cpu_us']:,.1f}",
                          f"{result['database_cpu_us']:,.1f}", f"{result['peak_kib'] * 1.024e-3:,.1f}"))
        elif (row.key, who.key) in broken:
            lines.append((who.name, "FAILED", *[""] * 6))
    if lines:
        yield f"\n## {row.title}, {row.connections} connection{'s' * (row.connections > 1)}\n"
        yield from table(("", "requests/s", "rentomatic ÷ this", "p50, µs", "p99, µs",
                          "CPU per request, µs", "PostgreSQL's CPU, µs", "peak memory, MB"), lines)


def scale_table(sizes, results):
    lines = []
    for small, large in zip(scale_rows(sizes[:1]), scale_rows(sizes[1:])):
        for who in CONTENDERS:
            few, many = (results.get((row.key, who.key)) for row in (small, large))
            if few and many:
                lines.append((small.kind, who.name, f"{few['p50_us']:,.0f}", f"{many['p50_us']:,.0f}",
                              f"{many['p50_us'] / few['p50_us']:.2f}"))
    if lines:
        yield f"\n## Median in µs with {sizes[1]:,} rooms and with {sizes[0]:,}\n"
        yield from table(("", "", f"{sizes[0]:,}", f"{sizes[1]:,}", "ratio"), lines)


def simple_table(key, title, columns, results):
    lines = []
    for (row, who), result in results.items():
        if row == key:
            cells = [f"{result[name] * factor:,.{digits}f}" if name in result else ""
                     for _, name, factor, digits in columns]
            lines.append((NAMES[who], *cells))
    if lines:
        yield f"\n## {title}\n"
        yield from table(("", *(column[0] for column in columns)), lines)


def table(head, lines):
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * min(2, len(head))}{'--:|' * (len(head) - 2)}"
    for line in lines:
        yield f"| {' | '.join(line)} |"


def plot(results, row=THROUGHPUT[0]):
    """A bar chart of throughput, in light or dark colours as the reader prefers."""
    bars = [(who.name, results[row.key, who.key]["throughput"], who.key.startswith("rm-"))
            for who in CONTENDERS if (row.key, who.key) in results]
    most = max((value for _, value, _ in bars), default=1)
    left, width, step = 270, 400, 30
    lines = []
    for index, (name, value, is_ours) in enumerate(bars):
        y = 60 + index * step
        length = max(1, value / most * width)
        lines.append(f'<text x="{left - 10}" y="{y + 15}" text-anchor="end">{escape(name)}</text>'
                     f'<rect class="{"ours" if is_ours else "theirs"}" x="{left}" y="{y}" rx="2" '
                     f'width="{length:.1f}" height="20"/>'
                     f'<text x="{left + length + 8:.1f}" y="{y + 15}">{value:,.0f}</text>')
    height = 60 + len(bars) * step + 15
    body = "\n".join(lines)
    title = escape(f"Requests per second: {row.title}, {row.connections} connections")
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {height}" role="img" \
aria-label="{title}" font-family="system-ui, sans-serif" font-size="14">
<style>
.paper {{ fill: #ffffff }} text {{ fill: #1f2328 }} .ours {{ fill: #0969da }} .theirs {{ fill: #8c959f }}
@media (prefers-color-scheme: dark) {{
.paper {{ fill: #0d1117 }} text {{ fill: #e6edf3 }} .ours {{ fill: #4493f8 }} .theirs {{ fill: #6e7681 }}
}}
</style>
<title>{title}</title>
<rect class="paper" width="760" height="{height}" rx="6"/>
<text x="20" y="32" font-size="16" font-weight="600">{title}</text>
{body}
</svg>
"""
