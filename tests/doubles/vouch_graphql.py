"""What GitHub's published GraphQL schema says about one recorded question and its answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    is_abstract_type,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from tests.doubles.published import graphql_schema

_PLAIN: Mapping[str, tuple[type, ...]] = {"Int": (int,), "Float": (int, float), "Boolean": (bool,)}


def judged(query: str, variables: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield every way in which the question is not askable, or the answer is none to it.

    A question that GitHub would refuse is no violation when it was refused.
    """
    refused = bool(answer.get("errors")) and answer.get("data") is None
    try:
        document = parse(query)
    except GraphQLError as wrong:
        if not refused:
            yield f"the question does not parse: {wrong.message}"
        return
    unaskable = [each.message for each in [*validate(graphql_schema(), document), *_variables(document, variables)]]
    if unaskable and not refused:
        yield from (f"the question: {each}" for each in unaskable)
    if not unaskable:
        yield from _answer(document, answer)
    for error in answer.get("errors", []):
        if not isinstance(error.get("message"), str):
            yield f"an error without a message: {error}"


def _variables(document: DocumentNode, variables: Mapping[str, Any]) -> list[GraphQLError]:
    found = get_variable_values(graphql_schema(), tuple(_operation(document).variable_definitions or ()), dict(variables))
    return found if isinstance(found, list) else []


def _operation(document: DocumentNode) -> OperationDefinitionNode:
    return next(each for each in document.definitions if isinstance(each, OperationDefinitionNode))


def _answer(document: DocumentNode, answer: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(set(answer) - {"data", "errors", "extensions"}):
        yield f"the answer: no such part {key!r}"
    if answer.get("data") is None:
        if not answer.get("errors"):
            yield "the answer has neither data nor errors"
        return
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    operation = _operation(document)
    root = graphql_schema().get_root_type(operation.operation)
    assert root is not None
    broken = frozenset(".".join(map(str, ["data", *each.get("path", [])])) for each in answer.get("errors", []))
    yield from _Walk(fragments, broken).object(root, operation.selection_set, answer["data"], "data")


class _Walk(NamedTuple):
    """Goes through an answer beside what was asked; what an error excuses may be null."""

    fragments: Mapping[str, FragmentDefinitionNode]
    broken: frozenset[str]

    def object(self, kind: GraphQLObjectType, selection: SelectionSetNode, value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: {kind.name} is an object, not {value!r:.80}"
            return
        fields = self.fields(kind, selection)
        for key in sorted(set(value) - set(fields)):
            yield f"{path}.{key}: nobody asked for it"
        for key, (field, nodes) in fields.items():
            here = f"{path}.{key}"
            if key not in value:
                yield f"{here}: asked for and not answered"
            elif field == "__typename":
                if value[key] != kind.name:
                    yield f"{here}: is {kind.name}, not {value[key]!r}"
            elif here not in self.broken or value[key] is not None:
                yield from self.value(kind.fields[field].type, nodes, value[key], here)

    def fields(self, kind: GraphQLObjectType, selection: SelectionSetNode) -> dict[str, tuple[str, list[FieldNode]]]:
        """Return what is asked of this type: by the key in the answer, the field's name and every place that asks for it."""
        found: dict[str, tuple[str, list[FieldNode]]] = {}
        for node in selection.selections:
            if isinstance(node, FieldNode):
                found.setdefault((node.alias or node.name).value, (node.name.value, []))[1].append(node)
                continue
            assert isinstance(node, FragmentSpreadNode | InlineFragmentNode)
            fragment = self.fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            wanted = graphql_schema().type_map[fragment.type_condition.name.value] if fragment.type_condition else kind
            if wanted is kind or (is_abstract_type(wanted) and graphql_schema().is_sub_type(wanted, kind)):
                for key, (name, nodes) in self.fields(kind, fragment.selection_set).items():
                    found.setdefault(key, (name, []))[1].extend(nodes)
        return found

    def value(self, kind: GraphQLOutputType, nodes: list[FieldNode], value: Any, path: str) -> Iterator[str]:
        if isinstance(kind, GraphQLNonNull):
            if value is None:
                yield f"{path}: is never null"
                return
            kind = kind.of_type
        if value is None:
            return
        if isinstance(kind, GraphQLList):
            if not isinstance(value, list):
                yield f"{path}: is a list, not {value!r:.80}"
                return
            for index, item in enumerate(value):
                yield from self.value(kind.of_type, nodes, item, f"{path}.{index}")
        elif isinstance(kind, GraphQLEnumType | GraphQLScalarType):
            yield from _leaf(kind, value, path)
        else:
            assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
            yield from self.composite(kind, nodes, value, path)

    def composite(
        self, kind: GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType, nodes: list[FieldNode], value: Any, path: str
    ) -> Iterator[str]:
        """An object of one of several types: it must be a right answer for at least one of them."""
        kinds = [kind] if isinstance(kind, GraphQLObjectType) else graphql_schema().get_possible_types(kind)
        asked = [each for node in nodes if node.selection_set for each in node.selection_set.selections]
        selection = SelectionSetNode(selections=tuple(asked))
        tries = (list(self.object(each, selection, value, path)) for each in kinds)
        yield from min(tries, key=len)


def _leaf(kind: GraphQLEnumType | GraphQLScalarType, value: Any, path: str) -> Iterator[str]:
    if isinstance(kind, GraphQLEnumType):
        if value not in kind.values:
            yield f"{path}: {value!r} is no {kind.name}"
        return
    wanted = _PLAIN.get(kind.name, (str,))
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        yield f"{path}: {value!r:.80} is no {kind.name}"
