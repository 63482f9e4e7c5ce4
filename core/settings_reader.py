"""Reads single values of the settings from text, and says what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


class Reader:
    """Reads values and collects every mistake, so that an operator sees all of them at once."""

    def __init__(self, environment: Mapping[str, str], variables: Mapping[str, str]) -> None:
        self.environment = environment
        self._variables = variables
        self.mistakes: list[str] = []

    def text(self, field: str, default: str) -> str:
        return self.environment.get(self._variables[field], "").strip() or default

    def number(self, field: str, default: int, low: int, high: int) -> int:
        text = self.text(field, str(default))
        if text.isascii() and text.isdigit() and low <= int(text) <= high:
            return int(text)
        self.mistakes.append(f"{self._variables[field]}={text!r}: give a whole number from {low} to {high}")
        return default

    def share(self, field: str, default: float) -> float:
        text = self.text(field, str(default))
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if 0 <= value <= 1:
            return value
        self.mistakes.append(f"{self._variables[field]}={text!r}: give a number from 0 to 1, such as {default}")
        return default

    def choice(self, field: str, default: str, allowed: tuple[str, ...]) -> str:
        text = self.text(field, default)
        if text in allowed:
            return text
        self.mistakes.append(f"{self._variables[field]}={text!r}: give one of {', '.join(allowed)}")
        return default

    def several(self, field: str, default: str = "", separators: str = ",") -> tuple[str, ...]:
        text = self.text(field, default)
        for separator in separators[1:]:
            text = text.replace(separator, separators[0])
        return tuple(part.strip() for part in text.split(separators[0]) if part.strip())

    def address(self, field: str, default: str, starts: tuple[str, ...]) -> str:
        text = self.text(field, default)
        if not text.startswith(starts):
            # not the value: it may hold a password
            self.mistakes.append(f"{self._variables[field]}: it must begin with {' or '.join(starts)}")
        return text

    def secret(self, field: str, default_file: Path | None = None) -> str:
        name = self._variables[field]
        if value := self.environment.get(name, "").strip():
            return value
        named = self.environment.get(f"{name}_FILE", "").strip()
        path = Path(named) if named else default_file
        if path is None:
            return ""
        try:
            return path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            if named:
                self.mistakes.append(f"{name}_FILE={named!r}: there is no such file")
        except OSError as error:
            self.mistakes.append(f"{name}_FILE={str(path)!r}: can't be read ({error.strerror})")
        except UnicodeDecodeError:
            self.mistakes.append(f"{name}_FILE={str(path)!r}: isn't text")
        return ""
