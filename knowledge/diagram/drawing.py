"""From layers to lines: ports on the boxes, tracks between the layers, and the sheet itself.

Arrows that leave one box share a line and fork; each arrow arrives at a port of its own, so that where
two lines cross they cross, and where they meet they come from one box.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from knowledge.diagram.canvas import Canvas, columns
from knowledge.diagram.graph import Direction, Undrawable, read_flowchart, statements
from knowledge.diagram.layers import Layout, Link, Place, lay_out, settle

MOST_COLUMNS = 100
MOST_ROWS = 200
_HEADS: dict[Direction, tuple[str, str]] = {
    "TD": ("▼", "▲"), "BT": ("▲", "▼"), "LR": ("►", "◄"), "RL": ("◄", "►"),
}  # fmt: skip


def draw(source: str, width: int = MOST_COLUMNS) -> str:
    """A Mermaid diagram as lines of at most `width` columns. Raises Undrawable."""
    said = statements(source)
    if said and said[0] == "sequenceDiagram":
        from knowledge.diagram.sequence import draw_sequence

        return draw_sequence(said[1:], width)
    chart = read_flowchart(source)
    sideways = chart.direction in ("LR", "RL")
    return str(_Sheet(lay_out(chart, sideways=sideways), chart.direction, width).drawn())


@dataclass
class _Net:
    """Links that leave one place together. src: where along the layer; ports: where each arrives."""

    links: list[Link]
    src: int
    ports: list[int] = field(default_factory=list[int])
    track: int = -1

    @property
    def span(self) -> tuple[int, int]:
        return min(self.src, *self.ports), max(self.src, *self.ports)

    @property
    def is_straight(self) -> bool:
        return self.span[0] == self.span[1]


class _Sheet:
    """The canvas of a layout, on which a position is (along a layer, from layer to layer)."""

    def __init__(self, layout: Layout, direction: Direction, width: int) -> None:
        self._layout = layout
        self._direction: Direction = direction
        self._sideways = direction in ("LR", "RL")
        self._gaps = [_nets(layout.links, at, self._sideways) for at in range(len(layout.layers) - 1)]
        self._starts = [0]
        for at, nets in enumerate(self._gaps):
            self._starts.append(self._starts[-1] + self._thickness(at) + self._channel(nets))
        self._deep = self._starts[-1] + self._thickness(len(layout.layers) - 1)
        across = max(place.at + place.across for layer in layout.layers for place in layer)
        across = max(across, *(net.span[1] + 1 for nets in self._gaps for net in nets), 0)
        size = (self._deep, across) if self._sideways else (across, self._deep)
        if size[0] > width:
            raise Undrawable(f"it would be {size[0]} columns wide, and {width} fit")
        if size[1] > MOST_ROWS:
            raise Undrawable(f"it would be {size[1]} lines high, and {MOST_ROWS} fit")
        self._canvas = Canvas(*size)

    def drawn(self) -> Canvas:
        for nets, start in zip(self._gaps, self._starts, strict=False):
            for net in nets:
                self._draw_net(net, start)
        for layer, start in zip(self._layout.layers, self._starts, strict=True):
            for place in layer:
                self._draw_place(place, start)
        for nets in self._gaps:
            for net in nets:
                self._draw_heads(net)
        return self._canvas

    def _thickness(self, layer: int) -> int:
        return max(place.deep for place in self._layout.layers[layer])

    def _lead(self, nets: list[_Net]) -> int:
        """Room before the first track: sideways, and for heads of arrows that lead back."""
        return int(self._sideways or any(link.at_tail for net in nets for link in net.links))

    def _channel(self, nets: list[_Net]) -> int:
        tracks = max((net.track for net in nets), default=-1) + 1
        return self._lead(nets) + max(1, tracks * self._pitch()) + (2 if self._sideways else 1)

    def _pitch(self) -> int:
        return 2 if self._sideways else 1

    def _draw_net(self, net: _Net, start: int) -> None:
        layer = net.links[0].tail.layer
        tail = net.links[0].tail
        begin = start + (tail.deep - 1 if tail.kind == "box" else 0)
        nets = self._gaps[layer]
        turn = start + self._thickness(layer) + self._lead(nets) + max(0, net.track) * self._pitch()
        self._line(net.src, begin, net.src, turn)
        self._line(net.span[0], turn, net.span[1], turn)
        for link, port in zip(net.links, net.ports, strict=True):
            end = self._starts[layer + 1]
            self._line(port, turn, port, end - 1 if link.at_head else end)

    def _draw_heads(self, net: _Net) -> None:
        head, back = _HEADS[self._direction]
        for link, port in zip(net.links, net.ports, strict=True):
            if link.at_head:
                self._write(port, self._starts[link.head.layer] - 1, head)
            if link.at_tail:
                self._write(net.src, self._starts[link.tail.layer] + link.tail.deep, back)

    def _draw_place(self, place: Place, start: int) -> None:
        if place.kind == "bend":
            self._line(place.at, start, place.at, start + self._thickness(place.layer))
            return
        if place.kind == "text":
            self._line(place.middle, start, place.middle, start + self._thickness(place.layer))
        across, deep = place.across, place.deep
        x, y = self._corner(place.at, start, deep)
        wide, high = (deep, across) if self._sideways else (across, deep)
        if place.kind == "box":
            self._canvas.box(x, y, wide, high, is_round=place.is_round)
        top = y + (high - len(place.lines)) // 2
        for row, line in enumerate(place.lines):
            text = line if place.kind == "box" else f" {line} "
            self._canvas.write(x + (wide - columns(text)) // 2, top + row, text)

    def _corner(self, along: int, main: int, deep: int) -> tuple[int, int]:
        """The upper left corner of what begins there."""
        if self._direction in ("BT", "RL"):
            main = self._deep - main - deep
        return (main, along) if self._sideways else (along, main)

    def _point(self, along: int, main: int) -> tuple[int, int]:
        return self._corner(along, main, 1)

    def _line(self, along: int, main: int, to_along: int, to_main: int) -> None:
        self._canvas.line(*self._point(along, main), *self._point(to_along, to_main))

    def _write(self, along: int, main: int, text: str) -> None:
        self._canvas.write(*self._point(along, main), text)


def _nets(links: list[Link], layer: int, sideways: bool) -> list[_Net]:
    """The nets between a layer and the next, with their ports and tracks."""
    mine = [link for link in links if link.tail.layer == layer]
    groups: dict[int, list[Link]] = {}
    for link in mine:
        groups.setdefault(id(link.net), []).append(link)
    nets = [_Net(group, 0) for group in groups.values()]
    pitch = 1 if sideways else 2
    _set_sources(nets, pitch)
    _set_ports(nets, pitch)
    _set_tracks(nets)
    return nets


def _set_sources(nets: list[_Net], pitch: int) -> None:
    """One net leaves a place at its middle, several beside each other around it."""
    by_tail = defaultdict[int, list[_Net]](list)
    for net in nets:
        by_tail[id(net.links[0].tail)].append(net)
    for group in by_tail.values():
        group.sort(key=lambda net: sum(link.head.middle for link in net.links) / len(net.links))
        tail = group[0].links[0].tail
        first = tail.middle - pitch * (len(group) - 1) // 2
        for number, net in enumerate(group):
            net.src = first + pitch * number


def _set_ports(nets: list[_Net], pitch: int) -> None:
    """Each link arrives at a port of its own, where it need not turn if that lies on the box."""
    arriving = defaultdict[int, list[tuple[int, _Net, Link]]](list)
    for net in nets:
        net.ports = [link.head.middle for link in net.links]
        for number, link in enumerate(net.links):
            if link.head.kind == "box":
                arriving[id(link.head)].append((number, net, link))
    for group in arriving.values():
        group.sort(key=lambda one: one[1].src)
        box = group[0][2].head
        low, high, last = box.at + 1, box.at + box.across - 2, len(group) - 1
        wanted = [float(net.src) for _, net, _ in group]
        for at, port in enumerate(settle(wanted, [1] * len(group), pitch - 1)):
            number, net, _ = group[at]
            net.ports[number] = min(max(port, low + pitch * at), high - pitch * (last - at))


def _set_tracks(nets: list[_Net]) -> None:
    """Lines along the layers, none over another; one that ends on another's column lies below it."""
    waiting = [net for net in nets if not net.is_straight]
    tracks: list[list[_Net]] = []
    while waiting:
        ready = [net for net in waiting if not any(_must_wait(net, other) for other in waiting)]
        if not ready:
            raise Undrawable("its arrows cross in a way that lines cannot show")
        for net in sorted(ready, key=lambda one: one.span):
            least = max((o.track + 1 for o in nets if o.track >= 0 and _must_wait(net, o)), default=0)
            free = (at for at in range(least, len(tracks)) if not any(_overlap(net, o) for o in tracks[at]))
            net.track = next(free, max(least, len(tracks)))
            tracks += [[] for _ in range(net.track + 1 - len(tracks))]
            tracks[net.track].append(net)
        waiting = [net for net in waiting if net.track < 0]


def _must_wait(net: _Net, other: _Net) -> bool:
    """Whether a port of `net` lies on the column that `other` comes down on."""
    return other is not net and other.src in net.ports


def _overlap(net: _Net, other: _Net) -> bool:
    return net.span[0] <= other.span[1] + 1 and other.span[0] <= net.span[1] + 1
