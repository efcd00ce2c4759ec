"""Text → settings: strict TOML into frozen dataclasses, and back into plain tables.

An unknown key, a wrong type or a refused value ends in a ``SettingsError`` that names the file
and the key. ``extends = "base.toml"`` takes another file as the ground to write on.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from earwitness.errors import SettingsError

S = TypeVar("S")
Table = Mapping[str, Any]


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file, following ``extends``.

    Raises:
        SettingsError: the file is missing, is not TOML, or extends itself.
    """
    return _read(path, above=())


def _read(path: Path, *, above: tuple[Path, ...]) -> dict[str, Any]:
    if path.resolve() in above:
        raise SettingsError(
            f"{path}: 'extends' leads back to this file. Take it out of one of them."
        )
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise SettingsError(f"{path}: cannot be read ({exc.strerror}).") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise SettingsError(f"{path}: is not valid TOML ({exc}).") from exc
    base = table.pop("extends", None)
    if base is None:
        return table
    if not isinstance(base, str):
        raise SettingsError(f"{path}: extends: expected the name of a file, but got {base!r}.")
    return _merged(_read(path.parent / base, above=(*above, path.resolve())), table)


def settings(kind: type[S], table: Table, *, where: str) -> S:
    """Turn a table into the dataclass ``kind``, refusing whatever does not fit.

    Args:
        kind: a dataclass, possibly with nested dataclasses.
        table: keys and values as TOML gives them.
        where: file name (and key) for messages.

    Raises:
        SettingsError: unknown or missing key, wrong type, or a value that the class refuses.

    Example:
        >>> from dataclasses import dataclass
        >>> @dataclass(frozen=True)
        ... class Noise:
        ...     snr_db: float = 20.0
        >>> settings(Noise, {"snr_db": 5}, where="example")
        Noise(snr_db=5.0)
    """
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    for key in table:
        if key not in known:
            raise SettingsError(f"{where}: unknown key '{key}'. {_near(key, list(known))}")
    hints = get_type_hints(kind)
    values = {k: _fit(v, hints[k], where=f"{where}: {k}") for k, v in table.items()}
    missing = [n for n, f in known.items() if n not in values and _is_required(f)]
    if missing:
        raise SettingsError(f"{where}: '{missing[0]}' is missing.")
    try:
        return kind(**values)
    except SettingsError as exc:
        raise SettingsError(f"{where}: {exc}") from exc


def load(kind: type[S], path: Path) -> S:
    """Read a TOML file into the dataclass ``kind``."""
    return settings(kind, read_toml(path), where=str(path))


def plain(record: object) -> dict[str, Any]:
    """Turn a settings dataclass into a plain table, dropping keys that are None."""
    if not is_dataclass(record) or isinstance(record, type):
        raise TypeError(f"Expected a dataclass, but got {type(record).__name__}.")
    return {k: v for k, v in asdict(record).items() if v is not None}


def digest(*records: object) -> str:
    """Give a short stable hash of settings: the first 16 hex digits of a SHA-256."""
    text = json.dumps([plain(r) if is_dataclass(r) else r for r in records], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(out.get(key), dict)
        out[key] = _merged(out[key], value) if both else value
    return out


def _near(key: str, known: list[str]) -> str:
    near = get_close_matches(key, known, n=1)
    return f"Did you mean '{near[0]}'?" if near else f"Known keys: {', '.join(known)}."


def _is_required(f: Field[Any]) -> bool:
    return f.default is MISSING and f.default_factory is MISSING


def _fit(value: Any, hint: Any, *, where: str) -> Any:
    origin = get_origin(hint)
    if hint is Any:
        return value
    if origin is Literal:
        return _choice(value, get_args(hint), where=where)
    if origin in (Union, types.UnionType):
        return _fit_union(value, hint, where=where)
    if origin is tuple:
        return _fit_tuple(value, hint, where=where)
    if origin is dict:
        return _fit_dict(value, hint, where=where)
    return _fit_plain(value, hint, where=where)


def _fit_plain(value: Any, hint: Any, *, where: str) -> Any:
    if is_dataclass(hint) and isinstance(hint, type) and isinstance(value, Mapping):
        return settings(hint, value, where=where)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, bool) is not (hint is bool) or not isinstance(value, hint):
        raise SettingsError(f"{where}: expected {hint.__name__}, but got {value!r}.")
    return value


def _choice(value: Any, choices: tuple[Any, ...], *, where: str) -> Any:
    if value not in choices:
        raise SettingsError(f"{where}: {value!r} is none of {', '.join(map(str, choices))}.")
    return value


def _fit_union(value: Any, hint: Any, *, where: str) -> Any:
    options = [h for h in get_args(hint) if h is not type(None)]
    if value is None and len(options) < len(get_args(hint)):
        return None
    return _fit(value, options[0], where=where)


def _fit_tuple(value: Any, hint: Any, *, where: str) -> tuple[Any, ...]:
    inner = get_args(hint)
    if not isinstance(value, list | tuple):
        raise SettingsError(f"{where}: expected a list, but got {value!r}.")
    if len(inner) == 2 and inner[1] is Ellipsis:
        return tuple(_fit(v, inner[0], where=f"{where}[{i}]") for i, v in enumerate(value))
    if len(value) != len(inner):
        raise SettingsError(f"{where}: expected {len(inner)} values, but got {len(value)}.")
    return tuple(_fit(v, h, where=where) for v, h in zip(value, inner, strict=True))


def _fit_dict(value: Any, hint: Any, *, where: str) -> dict[str, Any]:
    inner = get_args(hint)[1]
    if not isinstance(value, Mapping):
        raise SettingsError(f"{where}: expected a table, but got {value!r}.")
    return {k: _fit(v, inner, where=f"{where}.{k}") for k, v in value.items()}
