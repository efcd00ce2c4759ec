"""Every way in which Earwitness can fail, as one tree.

EarwitnessError
├── AudioError            UnreadableAudio · EmptyAudio
├── ModelError            WeightsMissing · WeightsCorrupt · IncompatibleWeights
├── SettingsError         a key, a value or a file does not fit
├── ProtocolError         malformed line · unknown label · partition not allowed here
├── UnknownName           a registry has no such name (lists the near ones)
├── ServerError           a server refused, or did not answer
└── MissingExtra          also an ImportError; says what to pip install

Each class has a stable ``code``. The command line maps families to exit codes; messages say what
happened to which thing, the value seen, and what to do. Too little speech, silence, music and poor
quality are not errors: they are reasons of an *inconclusive* verdict.
"""

from __future__ import annotations


class EarwitnessError(Exception):
    """The root: catching it catches everything that this package raises on purpose."""

    code = "error"


class AudioError(EarwitnessError):
    """A recording could not be looked at."""

    code = "audio"


class UnreadableAudio(AudioError):
    """No decoder made sense of the file, or it could not be opened."""

    code = "audio.unreadable"


class EmptyAudio(AudioError):
    """The file holds no audio: no stream, no sample, or a range outside of it."""

    code = "audio.empty"


class ModelError(EarwitnessError):
    """A detector could not be used."""

    code = "model"


class WeightsMissing(ModelError):
    """The weights of a named detector are not on this machine."""

    code = "model.missing"


class WeightsCorrupt(ModelError):
    """A weights file is not what its card says (SHA-256), or cannot be parsed."""

    code = "model.corrupt"


class IncompatibleWeights(ModelError):
    """Keys or shapes do not fit the network; the message lists them."""

    code = "model.incompatible"


class SettingsError(EarwitnessError):
    """A setting, a flag or a settings file does not fit."""

    code = "settings"


class ProtocolError(EarwitnessError):
    """A list of trials is malformed, or a partition is not allowed here."""

    code = "protocol"


class UnknownName(EarwitnessError):
    """A registry has no such name."""

    code = "name.unknown"


class ServerError(EarwitnessError):
    """A server refused, or did not answer.

    Args:
        message: what happened.
        code: the server's own, which is more exact than the class's.
        status: of HTTP; None if there was no answer.
        retry_after_s: when it wants to be asked again; None if that would not help.
    """

    code = "server"

    def __init__(
        self,
        message: str,
        *,
        code: str = "server",
        status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.status, self.retry_after_s = code, status, retry_after_s


class MissingExtra(EarwitnessError, ImportError):
    """A part of the package needs an extra that is not installed.

    Args:
        what: what was wanted, as the start of a sentence ("Training").
        extra: the extra's name, as in ``pip install 'earwitness[EXTRA]'``.
    """

    code = "extra.missing"

    def __init__(self, what: str, *, extra: str) -> None:
        super().__init__(f"{what} needs an extra: pip install 'earwitness[{extra}]'.")
        self.extra = extra
