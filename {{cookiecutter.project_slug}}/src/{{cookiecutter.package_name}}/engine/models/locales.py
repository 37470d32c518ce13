"""Gives an ONNX model a locale that is installed everywhere."""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

# The parts of a model that lead to the locale, by their numbers in
# https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; all others are kept as they are.
PARTS: dict[str, dict[str, tuple[int, str]]] = {
    "Model": {"graph": (7, "Graph")},
    "Graph": {"node": (1, "Node")},
    "Node": {"op_type": (4, "string"), "attribute": (5, "Attribute")},
    "Attribute": {"name": (1, "string"), "s": (4, "bytes"), "type": (20, "int32")},
}
MANY = ("node", "attribute")
STRING = 3


def with_locale(model: bytes, locale: str) -> bytes:
    """Return a model whose text is compared and put into lower case as in a locale.

    Args:
        model: The content of its file.
        locale: The locale, such as ``C.UTF-8``.
    """
    parsed = model_type().FromString(model)
    for node in parsed.graph.node:
        if node.op_type == "StringNormalizer":
            others = [each for each in node.attribute if each.name != "locale"]
            del node.attribute[:]
            node.attribute.extend(others)
            node.attribute.add(name="locale", s=locale.encode(), type=STRING)
    content: bytes = parsed.SerializeToString()
    return content


def model_type() -> Any:
    """Return the type of a model's message, with the parts that are needed."""
    file = descriptor_pb2.FileDescriptorProto(name="model.proto", package="locales")
    for name, parts in PARTS.items():
        message = file.message_type.add(name=name)
        for part, (number, kind) in parts.items():
            field = message.field.add(name=part, number=number)
            field.label = field.LABEL_REPEATED if part in MANY else field.LABEL_OPTIONAL
            if kind in PARTS:
                field.type, field.type_name = field.TYPE_MESSAGE, f".locales.{kind}"
            else:
                field.type = getattr(field, f"TYPE_{kind.upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("locales.Model"))
