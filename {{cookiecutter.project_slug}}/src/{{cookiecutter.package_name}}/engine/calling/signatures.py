"""Shows the fields of an instance in the signature of a method that takes them as keywords."""

import inspect
from collections.abc import Callable
from typing import Any, NotRequired, TypeVar, get_args, get_origin, get_type_hints

Method = TypeVar("Method", bound=Callable[..., Any])


def with_fields_of(instance: Any) -> Callable[[Method], Method]:
    """Return a decorator that puts the keys of a TypedDict in the place of ``**instance``."""

    def decorate(method: Method) -> Method:
        signature = inspect.signature(method)
        parameters = list(signature.parameters.values())
        kept = [each for each in parameters if each.kind is not each.VAR_KEYWORD]
        first = next(i for i, each in enumerate(kept) if each.kind is each.KEYWORD_ONLY)
        shown = [
            *kept[:first],
            *map(parameter, *zip(*fields_of(instance), strict=True)),
            *kept[first:],
        ]
        method.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
        return method

    return decorate


def fields_of(instance: Any) -> list[tuple[str, Any]]:
    """Return the name and the type of each key of a TypedDict."""
    return list(get_type_hints(instance, include_extras=True).items())


def parameter(name: str, kind: Any) -> inspect.Parameter:
    """Return the keyword that stands for a key; one that may be left out is None by default."""
    optional = get_origin(kind) is NotRequired
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None if optional else inspect.Parameter.empty,
        annotation=get_args(kind)[0] if optional else kind,
    )
