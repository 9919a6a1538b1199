"""Roles of the leaves of a tree: parameters or running statistics.

A leaf is identified in this order:

1. *identity*: it is the very object that a Module.init or a mutable apply returned under a collection, or a gradient,
   update or sum that was computed leaf by leaf from such objects.  Names do not matter then.
2. *path and shape*: it ends in a path of a known variable tree (``.../BatchNorm_0/mean`` of shape (16,)).  This
   holds across jit, copies and merges, where identity is lost.
3. *the tree as a whole*: as many leaves, of the same shapes, as all variables together; or one flat vector of their
   joint size.  Only when nothing else is known about the tree.

Leaves are remembered weakly: being watched prolongs no object's life, and no tracer leaks. For a tracer the variable
in its jaxpr is remembered too, which holds no value: a compiled function is traced once and called often.
"""

from __future__ import annotations

import sys
import weakref
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_LEAVES = 2000
MAX_TRACED = 8000
PARAMS = "params"
STATE = "state"
MIXED = "mixed"
"""Parameters and state in one: a leaf of a raveled tree, or of a tree known only as a whole."""

GRADIENTS = frozenset({"gradient", "update"})
JOINED, STEPPED = "joined", "stepped"
"""A variable and a gradient in one value: not yet added up, and added up (see `data_flow`)."""

Path = tuple[str, ...]
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Label:
    role: str
    origin: str
    """``init``, ``mutable`` (from a mutable apply), ``unknown``, or made by the step's code.

    The latter are ``gradient``, ``update``, ``applied``, ``joined``, ``stepped`` and ``zero``.
    """
    collection: str
    size: int = 0
    """The size of the leaf that this value comes from; 0 for the leaf itself."""
    sweep: int = -1
    """The sweep that made it, when it is stepped."""


@dataclass
class TreeRoles:
    """Roles of the leaves of one tree; ``roles`` is in leaf order, None where nothing is known."""

    roles: list[str | None] = field(default_factory=list)
    origins: dict[str, set[str]] = field(default_factory=dict)
    collections: set[str] = field(default_factory=set)

    def count(self, role: str | None) -> int:
        return self.roles.count(role)

    def facts(self) -> dict[str, Any]:
        """Return as JSON: counts by role, the collections of the state, and the origins of leaves."""
        return {
            "leaves": len(self.roles),
            PARAMS: self.count(PARAMS),
            STATE: self.count(STATE),
            MIXED: self.count(MIXED),
            "collections": sorted(self.collections)[:8],
            "origins": {role: sorted(found) for role, found in sorted(self.origins.items())},
        }


@dataclass(frozen=True)
class Layout:
    """Paths and shapes of one variable tree: parameters by path, state by collection and path."""

    params: Mapping[Path, Shape]
    state: Mapping[tuple[str, Path], Shape]

    @property
    def shapes_of_params(self) -> list[Shape]:
        return sorted(self.params.values())

    @property
    def shapes_of_all(self) -> list[Shape]:
        return sorted([*self.params.values(), *self.state.values()])

    @property
    def size_of_params(self) -> int:
        return sum(map(_size, self.params.values()))

    @property
    def size_of_all(self) -> int:
        return self.size_of_params + sum(map(_size, self.state.values()))


class LeafRegistry:
    """The known variables of this step; the shapes of earlier trees are kept, their leaves are not."""

    def __init__(self) -> None:
        from jax import tree_util

        self._flatten = tree_util.tree_flatten
        self._flatten_with_path = tree_util.tree_flatten_with_path
        self._paths_of: dict[Any, list[Path]] = {}
        self._labels: dict[int, tuple[weakref.ref[Any], Label | None]] = {}
        self._traced: dict[int, tuple[Any, Label]] = {}
        self._earlier: deque[Layout] = deque(maxlen=16)
        self._current: deque[Layout] = deque(maxlen=16)
        self._index: dict[str, list[tuple[Path, Shape, str]]] | None = None
        self.has_gradient = False
        """True if a gradient was taken in this step."""
        self.too_large = 0
        """The number of trees of this step that had too many leaves to be inspected."""

    def new_step(self) -> None:
        self.has_gradient = False
        self.too_large = 0
        self._labels = {}
        self._paths_of = {}
        self._earlier.extend(layout for layout in self._current if layout not in self._earlier)
        self._current = deque(maxlen=16)

    # ------------------------------------------------------------------------------------------- remembering

    def learn_variables(self, variables: Any, origin: str, *, complete: bool) -> dict[str, list[list[Any]]]:
        """Remember a variable tree ``{collection: tree}`` of flax, and describe its leaves.

        ``complete`` trees (from init) also become a layout. Returns ``{collection: [[path, shape], ...]}``.
        """
        params: dict[Path, Shape] = {}
        state: dict[tuple[str, Path], Shape] = {}
        described: dict[str, list[list[Any]]] = {}
        for collection in variables:
            name = str(collection)[:60]
            described[name] = []
            for path, leaf in self.leaves(variables[collection]):
                shape = shape_of(leaf)
                if shape is None:
                    continue
                described[name].append(["/".join(path)[:200], list(shape)])
                if name == PARAMS:
                    params[path] = shape
                else:
                    state[name, path] = shape
                self.remember(leaf, Label(PARAMS if name == PARAMS else STATE, origin, name))
        layout = Layout(params, state)
        if complete and (params or state) and layout not in self._current:
            self._current.append(layout)
            self._index = None
        return described

    def remember(self, leaf: Any, label: Label) -> None:
        """Remember this object. One object in two roles is remembered as neither."""
        key = id(leaf)
        known = self._labels.get(key)
        if known is not None and known[0]() is leaf:
            if known[1] is not None and known[1].role != label.role:
                self._labels[key] = (known[0], None)
            return
        labels = self._labels
        try:
            reference = weakref.ref(leaf, lambda _: labels.pop(key, None))
        except TypeError:
            return
        if len(labels) < 50_000:
            labels[key] = (reference, label)
        variable = getattr(leaf, "val", None)
        if type(variable).__name__ == "Var" and len(self._traced) < MAX_TRACED:
            self._traced[id(variable)] = (variable, label)

    def relabel(self, leaf: Any, label: Label) -> None:
        """Replace the label of this object."""
        self._labels.pop(id(leaf), None)
        self.remember(leaf, label)

    def remember_like(self, tree: Any, roles: TreeRoles, origin: str) -> None:
        """Remember the leaves of ``tree`` in the roles of a tree of the same structure."""
        leaves = self.leaves(tree)
        if len(leaves) != len(roles.roles):
            return
        collection = min(roles.collections, default="")
        if origin == "gradient":
            self.has_gradient = True
        for (_, leaf), role in zip(leaves, roles.roles, strict=True):
            if role is not None:
                self.remember(leaf, Label(role, origin, PARAMS if role == PARAMS else collection))

    def labels(self, tree: Any) -> list[Label | None]:
        """Return the labels that are known by identity, leaf by leaf."""
        return [self.label_of(leaf) for _, leaf in self.leaves(tree)]

    def remember_labels(self, tree: Any, labels: list[Label | None]) -> None:
        """Invert `labels`, for a tree of the same structure."""
        leaves = self.leaves(tree)
        if len(leaves) == len(labels):
            for (_, leaf), label in zip(leaves, labels, strict=True):
                if label is not None:
                    self.remember(leaf, label)

    # ------------------------------------------------------------------------------------------- recognising

    def roles(self, tree: Any) -> TreeRoles:
        """Return the role of each leaf of a tree."""
        found = TreeRoles()
        self._learn_nnx(tree)
        leaves = self.leaves(tree)
        for path, leaf in leaves:
            label = self.label_of(leaf)
            if label is None or label.role not in (PARAMS, STATE, MIXED):
                label = self._match(path, shape_of(leaf))
            found.roles.append(label.role if label else None)
            if label:
                found.origins.setdefault(label.role, set()).add(label.origin)
                if label.role != PARAMS and label.collection:
                    found.collections.add(label.collection)
        if leaves and not any(found.roles):
            self._census_of_whole([shape_of(leaf) for _, leaf in leaves], found)
        return found

    def _learn_nnx(self, tree: Any) -> None:
        """Remember the leaves of flax.nnx variables, whose type tells their role."""
        nnx = sys.modules.get("flax.nnx")
        if nnx is None:
            return
        for variable in self._flatten(tree, is_leaf=lambda part: isinstance(part, nnx.Variable))[0]:
            if isinstance(variable, (nnx.Param, nnx.BatchStat)):
                role = PARAMS if isinstance(variable, nnx.Param) else STATE
                label = Label(role, "unknown", PARAMS if role == PARAMS else "batch_stats")
                for _, leaf in self.leaves(variable):
                    if self.label_of(leaf) is None:
                        self.remember(leaf, label)

    def leaves(self, tree: Any) -> list[tuple[Path, Any]]:
        """Return the leaves with their paths as plain strings; none at all for a tree that is too large."""
        flat, structure = self._flatten(tree)
        if len(flat) > MAX_LEAVES:
            self.too_large += 1
            return []
        return list(zip(self._paths_in(tree, structure), flat, strict=True))

    def _paths_in(self, tree: Any, structure: Any) -> list[Path]:
        """Return the paths of a tree; a structure that was seen before is not walked again."""
        try:
            known = self._paths_of.get(structure)
        except Exception:  # auxiliary data that cannot be hashed
            known, structure = None, None
        if known is None:
            known = [tuple(_parts(path)) for path, _ in self._flatten_with_path(tree)[0]]
            if structure is not None and len(self._paths_of) < 100:
                self._paths_of[structure] = known
        return known

    def label_in_jaxpr(self, variable: Any) -> Label | None:
        """Return the label of a traced value by its variable in the jaxpr, from this step or an earlier one."""
        kept = self._traced.get(id(variable))
        return kept[1] if kept is not None and kept[0] is variable else None

    def label_of(self, leaf: Any) -> Label | None:
        known = self._labels.get(id(leaf))
        return known[1] if known is not None and known[0]() is leaf else None

    def _match(self, path: Path, shape: Shape | None) -> Label | None:
        """Return the role of the longest known path that this one ends in; None when two roles are equally long."""
        if shape is None or not path:
            return None
        longest = {PARAMS: 0, STATE: 0}
        collection = ""
        for known, its_shape, name in self._paths().get(path[-1], ()):
            # one component alone ("mean") is not enough without the collection's name
            if name != PARAMS and len(known) < 2 and name not in path:
                continue
            if _ends(path, known) and _ends(shape, its_shape):
                role = PARAMS if name == PARAMS else STATE
                if role == STATE and len(known) >= longest[STATE]:
                    collection = name
                longest[role] = max(longest[role], len(known))
        if longest[PARAMS] and longest[STATE]:
            if collection in path:
                longest[PARAMS] = 0
            elif PARAMS in path:
                longest[STATE] = 0
        if longest[PARAMS] == longest[STATE]:
            return None
        if longest[PARAMS] > longest[STATE]:
            return Label(PARAMS, "unknown", PARAMS)
        return Label(STATE, "unknown", collection)

    def _paths(self) -> dict[str, list[tuple[Path, Shape, str]]]:
        """Return every known path with its shape and collection, by last component."""
        if self._index is None:
            entries: dict[tuple[Path, Shape, str], None] = {}
            for layout in (*self._current, *self._earlier):
                entries.update({(path, shape, PARAMS): None for path, shape in layout.params.items()})
                entries.update({(path, shape, name): None for (name, path), shape in layout.state.items()})
            self._index = {}
            for path, shape, name in entries:
                self._index.setdefault(path[-1] if path else "", []).append((path, shape, name))
        return self._index

    def _census_of_whole(self, shapes: list[Shape | None], found: TreeRoles) -> None:
        known = [shape for shape in shapes if shape is not None]
        if len(known) != len(shapes):
            return
        layouts = list(self._current or self._earlier)
        role = None
        if len(known) == 1 and len(known[0]) == 1:
            size = known[0][0]
            if any(layout.size_of_params == size for layout in layouts):
                role = PARAMS
            elif any(layout.state and layout.size_of_all == size for layout in layouts):
                role = MIXED
        else:
            known.sort()
            if any(layout.shapes_of_params == known for layout in layouts):
                role = PARAMS
            elif any(layout.state and layout.shapes_of_all == known for layout in layouts):
                role = MIXED
        if role is None:
            return
        found.roles[:] = [role] * len(shapes)
        found.origins[role] = {"unknown"}
        if role == MIXED:
            found.collections.update(name for layout in layouts for name, _ in layout.state)


def shape_of(leaf: Any) -> Shape | None:
    """Return the leaf's shape when it has a plain one, without computing anything."""
    shape = getattr(leaf, "shape", None)
    if not isinstance(shape, tuple) or not all(type(n) is int for n in shape):
        return None
    return shape


def _parts(path: Iterable[Any]) -> Iterable[str]:
    """Yield keys of any kind as strings; a flattened key ("a/b", ("a", "b")) as its parts."""
    for entry in path:
        key = getattr(entry, "key", getattr(entry, "name", getattr(entry, "idx", None)))
        for part in key if isinstance(key, tuple) else (key,):
            text = part if isinstance(part, str) else str(part) if isinstance(part, int) else "?"
            yield from text[:200].replace(".", "/").split("/")


def _ends(whole: tuple[Any, ...], end: tuple[Any, ...]) -> bool:
    return not end or whole[-len(end) :] == end


def _size(shape: Shape) -> int:
    size = 1
    for n in shape:
        size *= n
    return size
