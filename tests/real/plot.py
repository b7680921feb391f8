"""A plot of growth as SVG, both axes logarithmic, written by hand."""

import math

WIDTH, HEIGHT = 340, 260
LEFT, TOP, RIGHT, BOTTOM = 52, 30, 12, 44
COLOURS = {"ours": "#1a7f37", "stock": "#cf222e", "kubernetes": "#0969da", "kubectl": "#9a6700"}


class Axis:
    """One logarithmic axis, from a power of ten to another, on so many pixels."""

    def __init__(self, values, begin, end):
        self.low = math.floor(math.log10(min(values)))
        self.high = max(math.ceil(math.log10(max(values))), self.low + 1)
        self.begin, self.end = begin, end

    def place(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return round(self.begin + share * (self.end - self.begin), 1)

    @property
    def ticks(self):
        return [10.0**power for power in range(self.low, self.high + 1)]


def text(x, y, words, **attributes):
    extra = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<text x="{x}" y="{y}"{extra}>{words}</text>'


def line(x1, y1, x2, y2):
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#d0d7de"/>'


def panel(shift, title, growth, names):
    """One diagram: seconds against the number of objects, a line for each column."""
    columns = list(next(iter(growth.values())))
    across = Axis([int(count) for count in growth], LEFT, WIDTH - RIGHT)
    up = Axis([value for row in growth.values() for value in row.values()], HEIGHT - BOTTOM, TOP)
    parts = [f'<g transform="translate({shift},0)">', text(LEFT, 16, title, font_weight="bold")]
    for tick in across.ticks:
        x = across.place(tick)
        parts += [line(x, TOP, x, HEIGHT - BOTTOM), text(x, HEIGHT - BOTTOM + 14, f"{tick:g}", text_anchor="middle")]
    for tick in up.ticks:
        y = up.place(tick)
        parts += [line(LEFT, y, WIDTH - RIGHT, y), text(LEFT - 4, y + 3, f"{tick:g} s", text_anchor="end")]
    for number, column in enumerate(columns):
        points = [(across.place(int(count)), up.place(row[column])) for count, row in growth.items() if column in row]
        path = " ".join(f"{x},{y}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[column]}" stroke-width="2"/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="2.5" fill="{COLOURS[column]}"/>' for x, y in points]
        parts.append(text(LEFT + 6, TOP + 12 + 13 * number, names[column], fill=COLOURS[column]))
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, "objects", text_anchor="middle"))
    return "\n".join([*parts, "</g>"])


def svg(panels, names):
    """All diagrams side by side; `panels` gives the growth by title."""
    size = f'width="{WIDTH * len(panels)}" height="{HEIGHT}" viewBox="0 0 {WIDTH * len(panels)} {HEIGHT}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">'
    ground = f'<rect width="100%" height="100%" fill="white"/>'
    drawn = [panel(WIDTH * number, title, growth, names) for number, (title, growth) in enumerate(panels.items())]
    return "\n".join([head, ground, *drawn, "</svg>\n"])
