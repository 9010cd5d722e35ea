"""The boxes of a flowchart in layers: who stands in which, in what order, and where along it.

After Sugiyama, Tagawa and Toda (1981): cycles are turned around, each box goes below all that lead to
it, long arrows get a bend in every layer that they pass, and each layer is sorted by the mean place of
its neighbours. Places along a layer are those of least squares that keep the order.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from knowledge.diagram.canvas import columns
from knowledge.diagram.graph import Arrow, Flowchart, Undrawable

MOST_PLACES = 500
SWEEPS = 8


@dataclass(eq=False)
class Place:
    """Something that stands in a layer: a box, the text of an arrow, or the bend of a long one.

    across: its size along the layer; deep: its size from layer to layer; at: where it begins along
    the layer.
    """

    kind: Literal["box", "text", "bend"]
    lines: list[str]
    across: int
    deep: int
    layer: int = 0
    at: int = 0
    is_round: bool = False
    above: list[Place] = field(default_factory=list["Place"])
    below: list[Place] = field(default_factory=list["Place"])

    @property
    def middle(self) -> int:
        return self.at + self.across // 2


@dataclass(frozen=True)
class Link:
    """A piece of an arrow between neighbouring layers. net: the links of one net leave together.

    at_head, at_tail: whether an arrow's head stands at that end.
    """

    tail: Place
    head: Place
    net: object
    at_head: bool = False
    at_tail: bool = False


@dataclass
class Layout:
    layers: list[list[Place]]
    links: list[Link]


@dataclass(frozen=True)
class _Edge:
    """An arrow as it points in the layout; is_turned when the picture has it the other way."""

    tail: str
    head: str
    arrow: Arrow
    is_turned: bool

    @property
    def length(self) -> int:
        return 2 if self.arrow.text else 1


def lay_out(chart: Flowchart, *, sideways: bool) -> Layout:
    """Places for all boxes and arrows; `sideways` when the layers are columns."""
    edges = _without_cycles(chart)
    layer_of = _layers_of(chart, edges)
    pitch = 1 if sideways else 2
    incoming = defaultdict[str, int](int)
    for edge in edges:
        incoming[edge.head] += 1
        if edge.is_turned:
            incoming[edge.tail] += 1
    boxes = {
        name: _box(chart, name, layer_of[name], pitch * incoming[name], sideways) for name in chart.boxes
    }
    layout = Layout([[] for _ in range(max(layer_of.values()) + 1)], [])
    for name in chart.boxes:
        layout.layers[layer_of[name]].append(boxes[name])
    for edge in edges:
        _chain(layout, edge, boxes[edge.tail], boxes[edge.head], sideways)
    for link in layout.links:
        link.tail.below.append(link.head)
        link.head.above.append(link.tail)
    _sort(layout.layers)
    _spread(layout.layers, gap=1 if sideways else 3)
    return layout


def settle(wanted: Sequence[float], sizes: Sequence[int], gap: int) -> list[int]:
    """Starts of things of these sizes in this order, `gap` apart, as near to `wanted` as can be.

    Isotonic regression by pooling neighbours that would overlap (Ayer et al., 1955).
    """
    offsets = [sum(sizes[:at]) + gap * at for at in range(len(sizes))]
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        mean, count = want - offset, 1
        while pools and pools[-1][0] > mean:
            before, members = pools.pop()
            mean, count = (mean * count + before * members) / (count + members), count + members
        pools.append((mean, count))
    means = [mean for mean, count in pools for _ in range(count)]
    return [round(mean) + offset for mean, offset in zip(means, offsets, strict=True)]


def _without_cycles(chart: Flowchart) -> list[_Edge]:
    """The arrows, those that lead back turned around, so that no way leads in a circle."""
    leaving = defaultdict[str, list[Arrow]](list)
    for arrow in chart.arrows:
        leaving[arrow.tail].append(arrow)
    edges: list[_Edge] = []
    open_, closed = set[str](), set[str]()
    entered = {arrow.head for arrow in chart.arrows if arrow.head != arrow.tail}
    starts = sorted(chart.boxes, key=lambda name: name in entered)
    for start in starts:
        stack = [] if start in closed else [(start, iter(leaving[start]))]
        open_ |= {start} if stack else set()
        while stack:
            name, arrows = stack[-1]
            arrow = next(arrows, None)
            if arrow is None:
                closed.add(name)
                open_.discard(name)
                stack.pop()
            elif arrow.head == arrow.tail:
                chart.boxes[name].lines[-1] += " ↻"
            elif arrow.head in open_:
                edges.append(_Edge(arrow.head, arrow.tail, arrow, True))
            else:
                edges.append(_Edge(arrow.tail, arrow.head, arrow, False))
                if arrow.head not in closed:
                    open_.add(arrow.head)
                    stack.append((arrow.head, iter(leaving[arrow.head])))
    return edges


def _layers_of(chart: Flowchart, edges: list[_Edge]) -> dict[str, int]:
    """Each box below all that lead to it; one that nothing leads to, just above what it leads to."""
    leaving = defaultdict[str, list[_Edge]](list)
    left = dict.fromkeys(chart.boxes, 0)
    for edge in edges:
        leaving[edge.tail].append(edge)
        left[edge.head] += 1
    layer = dict.fromkeys(chart.boxes, 0)
    ready = [name for name, count in left.items() if not count]
    sources = list(ready)
    for name in ready:
        for edge in leaving[name]:
            layer[edge.head] = max(layer[edge.head], layer[name] + edge.length)
            left[edge.head] -= 1
            if not left[edge.head]:
                ready.append(edge.head)
    for name in sources:
        if leaving[name]:
            layer[name] = min(layer[edge.head] - edge.length for edge in leaving[name])
    return layer


def _box(chart: Flowchart, name: str, layer: int, ports: int, sideways: bool) -> Place:
    box = chart.boxes[name]
    wide = max(columns(line) for line in box.lines) + 4
    high = len(box.lines) + 2
    if sideways:
        return Place("box", box.lines, max(high, ports + 2) | 1, wide, layer, is_round=box.is_round)
    return Place("box", box.lines, max(wide, ports + 3) | 1, high, layer, is_round=box.is_round)


def _chain(layout: Layout, edge: _Edge, tail: Place, head: Place, sideways: bool) -> None:
    """The links of an arrow through the layers between its ends, its text in the middle one."""
    between = list(range(tail.layer + 1, head.layer))
    texted = between[len(between) // 2] if edge.arrow.text else -1
    stops = [tail]
    for layer in between:
        place = _text(edge.arrow.text, layer, sideways) if layer == texted else Place("bend", [], 1, 1, layer)
        layout.layers[layer].append(place)
        stops.append(place)
    stops.append(head)
    if sum(map(len, layout.layers)) > MOST_PLACES:
        raise Undrawable("its arrows lead over too many layers")
    both, has_head = edge.arrow.has_both, edge.arrow.has_head
    for number, (above, below) in enumerate(itertools.pairwise(stops)):
        is_first, is_last = number == 0, number == len(stops) - 2
        at_tail = is_first and has_head and (edge.is_turned or both)
        at_head = is_last and has_head and (not edge.is_turned or both)
        # Arrows of one box leave it together, but for those with a head where they leave.
        net: object = edge if is_first and (edge.is_turned or both) else above
        layout.links.append(Link(above, below, net, at_head, at_tail))


def _text(text: str, layer: int, sideways: bool) -> Place:
    from knowledge.diagram.graph import label_lines

    line = " ".join(label_lines(text))
    wide = columns(line) + 2
    return (
        Place("text", [line], 1, wide + 2, layer) if sideways else Place("text", [line], wide | 1, 1, layer)
    )


def _sort(layers: list[list[Place]]) -> None:
    """Each layer by the mean place of its neighbours, downwards and upwards; the best order stays."""
    best, fewest = [list(layer) for layer in layers], _crossings(layers)
    for sweep in range(SWEEPS):
        downwards = sweep % 2 == 0
        for layer in layers if downwards else reversed(layers):
            _sort_layer(layer, layers, downwards)
        crossings = _crossings(layers)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    for layer, order in zip(layers, best, strict=True):
        layer[:] = order


def _sort_layer(layer: list[Place], layers: list[list[Place]], downwards: bool) -> None:
    rank = {id(place): at for one in layers for at, place in enumerate(one)}

    def mean(place: Place) -> float:
        neighbours = place.above if downwards else place.below
        if not neighbours:
            return rank[id(place)]
        return sum(rank[id(one)] for one in neighbours) / len(neighbours)

    layer.sort(key=mean)


def _crossings(layers: list[list[Place]]) -> int:
    count = 0
    for upper, lower in itertools.pairwise(layers):
        rank = {id(place): at for at, place in enumerate(lower)}
        ends = [sorted(rank[id(head)] for head in place.below) for place in upper]
        for at, mine in enumerate(ends):
            for others in ends[at + 1 :]:
                count += sum(1 for one in mine for other in others if other < one)
    return count


def _spread(layers: list[list[Place]], gap: int) -> None:
    for layer in layers:
        _put(layer, [0.0] * len(layer), gap)
    for sweep in range(SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            _put(layer, [_wish(place, sweep) for place in layer], gap)
    least = min(place.at for layer in layers for place in layer)
    for layer in layers:
        for place in layer:
            place.at -= least


def _put(layer: list[Place], wanted: list[float], gap: int) -> None:
    starts = settle(wanted, [place.across for place in layer], gap)
    for place, start in zip(layer, starts, strict=True):
        place.at = start


def _wish(place: Place, sweep: int) -> float:
    """Where a place would like to begin: with its middle at that of its neighbours."""
    near = place.above if sweep % 2 == 0 else place.below
    if sweep >= SWEEPS - 2 or not near:
        near = [*place.above, *place.below]
    return _mean(one.middle for one in near) - place.across // 2 if near else float(place.at)


def _mean(numbers: Iterable[int]) -> float:
    found = list(numbers)
    return sum(found) / len(found)
