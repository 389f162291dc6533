"""Objects that resist being looked at, in the ways that Python allows."""

from __future__ import annotations

import functools
import types


class Refused(BaseException):
    """What code of other languages raises: it is no `Exception`."""


def refuse(*_, **__):
    raise Refused("leave me alone")


def refused() -> property:
    return property(refuse)


def plain(value=1):
    return value


class RefusesAttributes:
    def __getattr__(self, name):
        raise Refused(name)

    def __call__(self, value=1):
        return value


class RefusesAllAttributes:
    __getattribute__ = refuse

    def __call__(self, value=1):
        return value


class AnswersToAll:
    def __getattr__(self, name):
        return self

    def __call__(self, value=1):
        return value


class RefusesToBeShown:
    __repr__ = __str__ = __format__ = __eq__ = __ne__ = __bool__ = __len__ = __iter__ = refuse
    __hash__ = None

    def __call__(self, value=1):
        return value


class RefusesItsProperties:
    __name__ = __module__ = __doc__ = __code__ = __signature__ = __annotations__ = refused()
    __wrapped__ = __func__ = __self__ = __text_signature__ = __defaults__ = __globals__ = __type_params__ = refused()

    def __call__(self, value=1):
        return value


class RefusesItsClass:
    __class__ = refused()

    def __call__(self, value=1):
        return value


def pretending_to_be(kind):
    class Pretends:
        __class__ = property(lambda self: kind)

        def __call__(self, value=1):
            return value

    return Pretends()


class RefusingMeta(type):
    def __getattr__(cls, name):
        raise Refused(name)

    __instancecheck__ = __subclasscheck__ = __mro_entries__ = __repr__ = __eq__ = __hash__ = __bool__ = refuse


class OfRefusingMeta(metaclass=RefusingMeta):
    def process(self, value=1):
        return value


class CalledOfRefusingMeta(metaclass=RefusingMeta):
    def __init__(self, value=1):
        self.value = value


class AllRefusingMeta(type):
    def __getattribute__(cls, name):
        raise Refused(name)


class OfAllRefusingMeta(metaclass=AllRefusingMeta):
    def process(self, value=1):
        return value


class NamelessMeta(type):
    __name__ = __module__ = __mro__ = __dict__ = __bases__ = refused()


class OfNamelessMeta(metaclass=NamelessMeta):
    def process(self, value=1):
        return value


class RefusingDescriptor:
    __get__ = refuse


class WithDescriptors:
    process = RefusingDescriptor()
    init = RefusingDescriptor()


class WithMembers:
    """Has members that resist, and a method that is run."""

    shown = RefusesAttributes()
    all_shown = RefusesAllAttributes()
    any = AnswersToAll()
    refused = RefusingDescriptor()

    def process(self, value=1):
        return value


def of_signature(signature):
    def code(value=1):
        return value

    code.__signature__ = signature
    return code


def of_annotations(**annotations):
    def code(value=1):
        return value

    code.__annotations__ = annotations
    return code


def wrapping(wrapped):
    def code(*args, **kwargs):
        return plain(*args, **kwargs)

    code.__wrapped__ = wrapped
    return code


class Proxy:
    """A decorator like those of wrapt."""

    def __init__(self, wrapped):
        object.__setattr__(self, "__wrapped__", wrapped)

    __class__ = property(lambda self: type(self.__wrapped__))

    def __getattr__(self, name):
        return getattr(self.__wrapped__, name)

    def __call__(self, *args, **kwargs):
        return self.__wrapped__(*args, **kwargs)


class Scale:
    def __init__(self, by=1):
        self.by = by

    def process(self, value=1):
        return value * self.by


circle_a, circle_b = wrapping(None), wrapping(None)
circle_a.__wrapped__, circle_b.__wrapped__ = circle_b, circle_a


RESISTING = {
    "attributes": RefusesAttributes(),
    "all_attributes": RefusesAllAttributes(),
    "answers": AnswersToAll(),
    "to_be_shown": RefusesToBeShown(),
    "properties": RefusesItsProperties(),
    "its_class": RefusesItsClass(),
    "pretends_class": pretending_to_be(type),
    "pretends_function": pretending_to_be(types.FunctionType),
    "pretends_method": pretending_to_be(types.MethodType),
    "pretends_partial": pretending_to_be(functools.partial),
    "pretends_module": pretending_to_be(types.ModuleType),
    "pretends_generator": pretending_to_be(types.GeneratorType),
    "meta": OfRefusingMeta,
    "meta_called": CalledOfRefusingMeta,
    "meta_all": OfAllRefusingMeta,
    "meta_nameless": OfNamelessMeta,
    "descriptors": WithDescriptors,
    "members": WithMembers,
    "signature_text": of_signature("no signature"),
    "signature_resists": of_signature(RefusesAttributes()),
    "signature_any": of_signature(AnswersToAll()),
    "annotation_attributes": of_annotations(value=RefusesAttributes(), **{"return": RefusesAttributes()}),
    "annotation_all": of_annotations(value=RefusesAllAttributes(), **{"return": RefusesAllAttributes()}),
    "annotation_shown": of_annotations(value=RefusesToBeShown(), **{"return": RefusesToBeShown()}),
    "annotation_class": of_annotations(value=RefusesItsClass(), **{"return": RefusesItsClass()}),
    "annotation_meta": of_annotations(value=OfRefusingMeta, **{"return": OfAllRefusingMeta}),
    "annotation_any": of_annotations(value=AnswersToAll(), **{"return": AnswersToAll()}),
    "annotation_text": of_annotations(value="1 +", **{"return": "refuse()"}),
    "annotation_deep": of_annotations(value="list[" * 500 + "int" + "]" * 500, **{"return": "(" * 300}),
    "wraps_itself": circle_a,
    "wraps_resisting": wrapping(RefusesAttributes()),
    "wraps_all_resisting": wrapping(RefusesAllAttributes()),
    "wraps_any": wrapping(AnswersToAll()),
    "proxied_class": Proxy(Scale),
    "proxied_function": Proxy(plain),
    "proxied_proxy": Proxy(Proxy(Scale)),
    "partial_of_resisting": functools.partial(RefusesAttributes(), 1),
}
"""By name; most can be called without arguments, and give something."""


class RefusingModule(types.ModuleType):
    def __getattr__(self, name):
        raise Refused(name)
