"""Faults to plant in a baked project, each of which its own tests have to find.

``python tests/helpers/mutants.py`` plants all of them, one after another, and says which test found each;
words after it choose the mutants that have one of them in their name or their file.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from baking import RUN_SECONDS, bake, compile_stubs
from samples import SAMPLES


class Mutant(NamedTuple):
    """A fault.

    Attributes:
        name: What does not hold any more.
        file: Where it is, in the package.
        old: Text that is there once.
        new: What to put in its place.
        tests: The files of tests that are likely to find it, which run first.
        schema: The sample whose project it is planted in.
    """

    name: str
    file: str
    old: str
    new: str
    tests: str
    schema: str = "iris"


class NoPlaceError(Exception):
    """The text that a mutant replaces is not there, or more than once."""


MUTANTS = [
    # Arrays in messages
    Mutant(
        "packed blocks hold the values",
        "packed.py",
        "array.astype(wire, copy=False).tobytes()",
        "bytes([7]) * array.astype(wire).nbytes",
        "packed",
    ),
    Mutant(
        "doubles keep their width",
        "packed.py",
        '"<f8" if field.type == field.TYPE_DOUBLE else "<f4"',
        '"<f4"',
        "packed",
    ),
    Mutant(
        "long blocks have their length",
        "packed.py",
        "number & 0x7F | 0x80",
        "number & 0x7F",
        "packed",
    ),
    # Garbage
    Mutant(
        "the collector runs less often",
        "garbage.py",
        "    gc.set_threshold(YOUNG)\n",
        "",
        "garbage",
    ),
    Mutant("a replaced model is freed", "garbage.py", "    gc.unfreeze()\n", "", "garbage"),
    Mutant("what stays is left out", "garbage.py", "    gc.freeze()\n", "", "garbage"),
    # The end of the server
    Mutant(
        "the port outlasts the last call",
        "native.py",
        "RELAY_SECONDS = 0.1",
        "RELAY_SECONDS = 0.0",
        "server",
    ),
    Mutant(
        "a closed gate takes no calls",
        "gate.py",
        "self._closed = True",
        "self._closed = False",
        "server",
    ),
    Mutant(
        "a closed gate takes no streams",
        "gate.py",
        "            await self._admit(context)\n            requests =",
        "            requests =",
        "gate",
    ),
    Mutant(
        "refused calls may be tried again",
        "gate.py",
        "grpc.StatusCode.UNAVAILABLE",
        "grpc.StatusCode.CANCELLED",
        "server",
    ),
    Mutant(
        "the gate waits for the last comers",
        "gate.py",
        "(late != self._late or self._is_busy())",
        "self._is_busy()",
        "gate server",
    ),
    Mutant(
        "the gate does not wait for ever",
        "gate.py",
        "LONGEST_CLOSE_SECONDS = 0.2",
        "LONGEST_CLOSE_SECONDS = 1e9",
        "gate server",
    ),
    Mutant(
        "bytes that are no request are told so",
        "gate.py",
        "method(request, context)\n"
        "            except DecodeError as error:\n"
        '                await context.abort_with_status(status.of(error, ""))',
        "method(request, context)\n            except DecodeError:\n                raise",
        "errors",
    ),
    Mutant(
        "a server that stops says so", "server.py", "await self._health.stop()", "pass", "server"
    ),
    Mutant(
        "the gate closes before the server stops",
        "server.py",
        "await self._gate.close()",
        "pass",
        "server",
    ),
    Mutant(
        "a port is free after the end",
        "server.py",
        "await self._server.stop(self._settings.grace_seconds)",
        "pass",
        "server",
    ),
    Mutant(
        "two servers do not share a port by mistake",
        "transport.py",
        "int(share_port)",
        "1",
        "transports",
    ),
    Mutant(
        "a large request is refused",
        "transport.py",
        '("grpc.max_receive_message_length", settings.max_message_bytes),\n',
        "",
        "server",
    ),
    Mutant(
        "a port is taken over at once",
        "workers.py",
        "probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)",
        "pass",
        "server",
    ),
    # Health
    Mutant(
        "watches end with the server",
        "health.py",
        "for watch in self._watches:\n            watch.cancel()",
        "pass",
        "server",
    ),
    Mutant(
        "a server that loads is not serving",
        "health.py",
        "dict.fromkeys(self._services, NOT_SERVING)",
        "dict.fromkeys(self._services, SERVING)",
        "server cli",
    ),
    Mutant(
        "the service has its own health",
        "health.py",
        'self._services = ("", service)',
        'self._services = ("",)',
        "server",
    ),
    # Reloads
    Mutant(
        "a new model is warmed up before it serves",
        "loading.py",
        "    try:\n        predictor.warm_up()",
        "    try:\n        pass",
        "loading server",
    ),
    Mutant(
        "warming up asks the model",
        "predictor.py",
        "self._predict(example)",
        "pass",
        "loading server",
    ),
    Mutant(
        "a new model serves",
        "server.py",
        "            self._service.serve(predictor)\n",
        "",
        "server",
    ),
    # Statuses
    Mutant(
        "a refused call hears when to come again",
        "status.py",
        "retry.retry_delay.FromMilliseconds(",
        "retry.retry_delay.FromMilliseconds(0 * ",
        "errors",
    ),
    Mutant(
        "details fit into a header",
        "status.py",
        "MOST_DETAIL_BYTES = 4096",
        "MOST_DETAIL_BYTES = 10**9",
        "status",
    ),
    Mutant(
        "calls before the model may be tried again",
        "status.py",
        "code_pb2.UNAVAILABLE",
        "code_pb2.INTERNAL",
        "errors clients",
    ),
    Mutant(
        "a late call is told that it is late",
        "status.py",
        "code_pb2.DEADLINE_EXCEEDED",
        "code_pb2.INTERNAL",
        "status",
    ),
    Mutant(
        "the model's words stay in the log",
        "status.py",
        'f"the model failed; the server\'s log tells more under {error_id}"',
        'f"{error} {error_id}"',
        "errors",
    ),
    Mutant(
        "the log has the model's traceback",
        "status.py",
        "exc_info=error",
        "exc_info=None",
        "errors",
    ),
    Mutant(
        "a fault of the whole request is told",
        "status.py",
        'f"{request_field}.{field}" if field else request_field',
        'f"{request_field}.{field}"',
        "errors clients",
    ),
    # Batches
    Mutant(
        "a cancelled call leaves the queue",
        "batching.py",
        "except asyncio.CancelledError:\n            self._leave(waiting)",
        "except asyncio.CancelledError:\n            pass",
        "batching",
    ),
    Mutant(
        "a late call is not run",
        "batching.py",
        "if waiting.deadline < earliest_end:",
        "if False:",
        "batching",
    ),
    Mutant(
        "a call is late that could only just begin",
        "batching.py",
        "time.monotonic() + self._pace.least_seconds",
        "time.monotonic()",
        "batching",
    ),
    Mutant(
        "a batch is of one group",
        "batching.py",
        "elif not batch or call.group == group:",
        "else:",
        "batching",
    ),
    Mutant(
        "a batch has no more rows than it may",
        "batching.py",
        "call.take(room)",
        "call.take(call.rows)",
        "batching",
    ),
    Mutant(
        "an answer is for those who still wait",
        "batching.py",
        "if not waiting.end.done():",
        "if True:",
        "batching",
    ),
    Mutant(
        "callers that return are waited for",
        "batching.py",
        "self._await_return(rows, self._patience.seconds(seconds))",
        "self._start()",
        "batching",
    ),
    Mutant(
        "waits in vain are learned from",
        "batching.py",
        "were_back=self._queue_rows >= self._hoped_for",
        "were_back=True",
        "batching",
    ),
    Mutant("waits are short", "patience.py", "SHARE = 0.5", "SHARE = 5.0", "batching"),
    Mutant(
        "waits have a bound",
        "patience.py",
        "MOST_SECONDS = 0.001, 0.05",
        "MOST_SECONDS = 0.001, 5.0",
        "batching",
    ),
    Mutant(
        "waits too short to pay are left out",
        "patience.py",
        "MOST_SECONDS = 0.001, 0.05",
        "MOST_SECONDS = 0.0, 0.05",
        "batching",
    ),
    Mutant(
        "waits are never given up",
        "patience.py",
        "MOST_DOUBLINGS = 6",
        "MOST_DOUBLINGS = 60",
        "batching",
    ),
    Mutant(
        "callers that are back end the distrust",
        "patience.py",
        "self._in_vain = 0 if were_back else min",
        "self._in_vain = min",
        "batching",
    ),
    # What the model raises
    Mutant(
        "a call that fails fails alone",
        "runner.py",
        "        if len(slices) == 1:\n            return [as_exception(error)]\n",
        "        return [as_exception(error)] * len(slices)\n",
        "batching errors",
    ),
    Mutant(
        "no StopIteration reaches a future",
        "runner.py",
        " and not isinstance(error, StopIteration)",
        "",
        "batching",
    ),
    Mutant(
        "sys.exit ends its call alone",
        "runner.py",
        "except BaseException as error:",
        "except Exception as error:",
        "batching",
    ),
    Mutant(
        "each call has its own answer",
        "runner.py",
        "if len(answers) != len(slices):",
        "if False:",
        "batching",
    ),
    # What callers send
    Mutant(
        "a number in range is told from one above",
        "decode.py",
        "if self._range.low <= value <= self._range.high:",
        "if self._range.low <= value:",
        "errors",
    ),
    Mutant(
        "a column has no number above the range",
        "decode.py",
        "(values >= self.low) & (values <= self.high)",
        "values >= self.low",
        "errors",
    ),
    Mutant(
        "a column has no number below the range",
        "decode.py",
        "(values >= self.low) & (values <= self.high)",
        "values <= self.high",
        "errors",
    ),
    Mutant(
        "a long list of faults is cut",
        "decode.py",
        "MOST_FAULTS = 1000",
        "MOST_FAULTS = 10**9",
        "errors",
    ),
    Mutant(
        "a required field is asked for",
        "decode.py",
        'return None if self.optional else Violation(self.name, "required")',
        "return None",
        "errors",
    ),
    Mutant(
        "columns have the same length",
        "decode.py",
        "elif count not in (0, rows):",
        "elif False:",
        "errors",
    ),
    Mutant(
        "a range is as low as the wire has it",
        "decode.py",
        "self._wire.type(limits.min if low is None else low).item()",
        "float(limits.min if low is None else low)",
        "errors",
        "edges",
    ),
    Mutant(
        "a range is as high as the wire has it",
        "decode.py",
        "self._wire.type(limits.max if high is None else high).item()",
        "float(limits.max if high is None else high)",
        "errors",
        "edges",
    ),
    Mutant(
        "a picture has its size",
        "decode.py",
        "if self._size not in (None, (height, width)):",
        "if False:",
        "errors",
        "image_in",
    ),
    Mutant(
        "a label has a number that there is",
        "decode.py",
        "if 1 <= number <= len(self._labels):",
        "if 1 <= number:",
        "errors",
        "enums",
    ),
    Mutant(
        "a column of labels has numbers that there are",
        "decode.py",
        "(numbers > len(self._labels))",
        "(numbers > 10**6)",
        "errors",
        "enums",
    ),
    Mutant(
        "a field left out has its default",
        "decode.py",
        "values[row] = self._default",
        "values[row] = 0",
        "predict",
        "integers",
    ),
    Mutant(
        "nan is taken where it is the default",
        "decode.py",
        "allow_nan=default != default",
        "allow_nan=False",
        "errors",
        "floats",
    ),
    # What the model answers
    Mutant(
        "an answer has its shape", "encode.py", "if array.shape != shape:", "if False:", "errors"
    ),
    Mutant(
        "an answer has its dtype",
        "encode.py",
        'if not np.can_cast(array.dtype, dtype, "same_kind"):',
        "if False:",
        "errors",
    ),
    Mutant(
        "an answer is finite",
        "encode.py",
        "not np.isfinite(array).all()",
        "array is None",
        "errors",
    ),
    Mutant(
        "a label has its place",
        "encode.py",
        "if not 0 <= place < self._count:",
        "if False:",
        "errors",
    ),
    Mutant(
        "labels are counted from one",
        "encode.py",
        "zip(predictions, (column + 1).tolist()",
        "zip(predictions, column.tolist()",
        "predict",
    ),
    # Streams
    Mutant(
        "a stream may be longer than what is read ahead",
        "service.py",
        "                window.release()\n",
        "",
        "predict clients",
    ),
    Mutant(
        "a stream that is left is not run to its end",
        "service.py",
        "                    response.cancel()",
        "                    pass",
        "errors",
    ),
    # Clients
    Mutant(
        "a client tries again",
        "client.py",
        '[*options, ("grpc.service_config", json.dumps(config))]',
        "options",
        "clients",
    ),
    Mutant(
        "a client tries large calls again",
        "client.py",
        '        ("grpc.per_rpc_retry_buffer_size", max_message_bytes),\n',
        "",
        "clients",
    ),
    Mutant(
        "a client takes large answers",
        "client.py",
        '        ("grpc.max_receive_message_length", max_message_bytes),\n',
        "",
        "server",
    ),
    Mutant(
        "a client has connections of its own",
        "client.py",
        '        ("grpc.use_local_subchannel_pool", 1),\n',
        "",
        "clients",
    ),
    Mutant(
        "a client connects again soon",
        "client.py",
        '        ("grpc.initial_reconnect_backoff_ms", 100),\n',
        "",
        "clients",
    ),
    Mutant(
        "a client has its own timeout",
        "client.py",
        "seconds = self._timeout if timeout is None else timeout\n"
        "        try:\n"
        "            response = method(",
        "seconds = timeout\n        try:\n            response = method(",
        "clients",
    ),
    Mutant(
        "an asyncio client has its own timeout",
        "client.py",
        "seconds = self._timeout if timeout is None else timeout\n"
        "        try:\n"
        "            response = await method(",
        "seconds = timeout\n        try:\n            response = await method(",
        "clients",
    ),
    Mutant(
        "the few wrong rows of a column are named",
        "messages.py",
        "MOST_WRONG_ROWS = 20",
        "MOST_WRONG_ROWS = 10**9",
        "clients",
    ),
    Mutant(
        "an error is short", "errors.py", "MOST_SHOWN = 10", "MOST_SHOWN = 10**9", "clients errors"
    ),
    # The command line
    Mutant(
        "a wrong instance of a file is an error",
        "cli.py",
        "if any(isinstance(result, CallError) for result in results):",
        "if False:",
        "cli",
    ),
    Mutant(
        "a long CSV file is told by its lines", "cli.py", "first += len(batch)", "first += 1", "cli"
    ),
    Mutant("a CSV file may come from Excel", "cli.py", '"utf-8-sig"', '"utf-8"', "cli"),
    Mutant(
        "a server that is not serving is told",
        "cli.py",
        'if status != "SERVING":',
        "if False:",
        "cli",
    ),
    # Memory
    Mutant(
        "large calls leave room for small ones",
        "budget.py",
        "RESERVED_SHARE = 1 / 8",
        "RESERVED_SHARE = 0.0",
        "batching",
    ),
    Mutant(
        "small calls have the room that is left",
        "budget.py",
        "if size <= self._small",
        "if size < 0",
        "batching",
    ),
    Mutant(
        "a call that never fits is told so",
        "budget.py",
        "if size > limit:",
        "if False:",
        "batching",
    ),
    Mutant(
        "calls give back what they took",
        "budget.py",
        "self.used -= size",
        "pass",
        "batching",
    ),
    Mutant(
        "requests count",
        "gate.py",
        "budget.take(size + elements)\n",
        "pass\n",
        "transports",
    ),
    Mutant(
        "requests count as often as they are there",
        "footprint.py",
        "COPIES = 2",
        "COPIES = 1",
        "transports",
    ),
    Mutant(
        "requests are given back",
        "gate.py",
        "finally:\n                budget.give(size + elements)",
        "finally:\n                pass",
        "transports",
    ),
    Mutant(
        "texts of a request count before they are parsed",
        "footprint.py",
        "return TEXT_BYTES if",
        "return 0 if",
        "footprint",
    ),
    Mutant(
        "messages of a request count before they are parsed",
        "footprint.py",
        "    if field.message_type:\n        return",
        "    if False:\n        return",
        "footprint",
    ),
    Mutant(
        "numbers of a request count before they are parsed",
        "footprint.py",
        "        if self._number:",
        "        if False:",
        "footprint",
    ),
    Mutant(
        "the bound on a request's elements is given back",
        "gate.py",
        "                    budget.give(elements)\n",
        "",
        "gate",
    ),
    Mutant(
        "requests of streams count",
        "streams.py",
        "                self._budget.take(size)\n",
        "",
        "streams",
    ),
    Mutant(
        "streams are not read far ahead",
        "streams.py",
        "            while sum(self._sizes) > MOST_AHEAD_BYTES:",
        "            while False:",
        "streams",
    ),
    Mutant(
        "requests of streams are given back when they are answered",
        "gate.py",
        "                    requests.answered()\n",
        "",
        "gate",
    ),
    Mutant(
        "requests of streams are given back when the stream ends",
        "gate.py",
        "            finally:\n                requests.close()\n",
        "",
        "gate",
    ),
    Mutant(
        "a queue of calls that have been cancelled is left alone",
        "batching.py",
        "                return  # Those that are left",
        "                continue  # Those that are left",
        "batching",
    ),
    Mutant(
        "memory that lies idle goes back",
        "allocator.py",
        "fordblks > MOST_IDLE_BYTES",
        "fordblks < 0",
        "allocator",
    ),
    Mutant(
        "workers keep little of what is freed",
        "child.py",
        "                    **ENVIRONMENT,\n",
        "",
        "server",
    ),
    Mutant(
        "errors of a stream do not keep its requests",
        "streams.py",
        "                del data",
        "                pass",
        "streams",
    ),
    Mutant(
        "texts count as often as Python may need",
        "footprint.py",
        "            self.copies += TEXT_COPIES",
        "            self.copies += BYTES_COPIES",
        "footprint",
    ),
    Mutant(
        "probes take up no memory of calls",
        "server.py",
        "Gate(server, Budget(sys.maxsize), connections)",
        "Gate(server, self._budget, connections)",
        "transports",
    ),
    Mutant(
        "an instance takes up memory",
        "service.py",
        "        batcher.admit(size)\n        call = One(",
        "        size = 0\n        batcher.admit(size)\n        call = One(",
        "transports",
    ),
    Mutant(
        "every row takes up memory",
        "service.py",
        "schema.count_rows(columns) * schema.ROW_BYTES",
        "schema.ROW_BYTES",
        "transports",
    ),
    Mutant(
        "a call that cannot be read on a thread gives back",
        "service.py",
        "            job.add_done_callback(lambda _: give_back(loop, self._budget, size))\n",
        "",
        "errors",
    ),
    Mutant(
        "a call that cannot be read gives back",
        "service.py",
        "            except Exception:\n"
        "                self._budget.give(size)\n"
        "                raise",
        "            except Exception:\n                raise",
        "errors transports",
    ),
    Mutant(
        "a call whose caller is gone holds its bytes",
        "batching.py",
        "        if not waiting.running:\n            self._budget",
        "        if True:\n            self._budget",
        "batching",
    ),
    Mutant(
        "a call gives back once",
        "batching.py",
        "            waiting.size = 0\n",
        "",
        "batching",
    ),
    Mutant(
        "an answer is no larger than a message may be",
        "calls.py",
        "if self._room < 0:",
        "if False:",
        "calls",
    ),
    # Turns
    Mutant(
        "calls take turns",
        "batching.py",
        "            del queue[waiting]\n"
        "            if waiting.call.rows:\n"
        "                queue[waiting] = None",
        "            if not waiting.call.rows:\n                del queue[waiting]",
        "batching",
    ),
    Mutant(
        "a large call ends with its last slice",
        "batching.py",
        "if not waiting.running and not waiting.call.rows:",
        "if not waiting.running:",
        "batching",
    ),
    Mutant(
        "a large call waits for all its slices",
        "batching.py",
        "if not waiting.running and not waiting.call.rows:",
        "if not waiting.call.rows:",
        "batching",
    ),
    Mutant(
        "each slice has its place",
        "batching.py",
        "waiting, waiting.taken))",
        "waiting, 0))",
        "batching",
    ),
    Mutant(
        "answers are in order of their places",
        "calls.py",
        "in sorted(self._answers.items())",
        "in self._answers.items()",
        "calls",
    ),
    Mutant(
        "no more of a call is run once it has failed",
        "batching.py",
        "            if waiting.end.done():\n                self._leave",
        "            if waiting.end.done() and not waiting.call.rows:\n                self._leave",
        "batching",
    ),
    Mutant(
        "a full queue admits no more",
        "batching.py",
        "        if len(self._queue) >= self._limits.queue_calls:\n            raise",
        "        if False:\n            raise",
        "batching",
    ),
    Mutant(
        "a queue takes no more than it has room for, however many were admitted",
        "batching.py",
        "        if len(self._queue) >= self._limits.queue_calls:\n            self._budget.give",
        "        if False:\n            self._budget.give",
        "batching",
    ),
    Mutant(
        "calls that are refused after they were admitted give their bytes back",
        "batching.py",
        "            self._budget.give(size)\n            raise QueueFullError",
        "            raise QueueFullError",
        "batching",
    ),
    Mutant(
        "how long a batch has been running is known",
        "batching.py",
        "time.monotonic() - started",
        "0.0",
        "batching",
    ),
    Mutant(
        "instances stand before columns",
        "predictor.py",
        "[gather(ones), *tables]",
        "[*tables, gather(ones)]",
        "predict",
    ),
    Mutant(
        "answers of a mixed batch go where they belong",
        "predictor.py",
        "[next(of_ones) if isinstance(each, One) else next(of_tables) for each in slices]",
        "[*of_ones, *of_tables]",
        "predict",
    ),
    Mutant(
        "the model may change a default",
        "schema.py",
        'np.require(getattr(inputs, field.name), requirements=["C", "W"])',
        "getattr(inputs, field.name)",
        "predict",
        "integers",
    ),
    Mutant(
        "a list of wrong arrays is cut",
        "decode.py",
        "if len(violations) == MOST_FAULTS:",
        "if False:",
        "errors",
        "ragged",
    ),
    Mutant(
        "a list of wrong pictures is cut",
        "decode.py",
        "[*islice(faults, MOST_FAULTS)]",
        "[*islice(faults, 10**9)]",
        "errors",
        "image_in",
    ),
    # Connections of grpcio
    Mutant(
        "a call that finds no room makes some, by ending what nobody reads",
        "budget.py",
        "            self.when_busy()\n",
        "",
        "connections",
    ),
    Mutant(
        "answers that are not read count",
        "connections.py",
        "size = COPIES * len(response)",
        "size = 0",
        "connections",
    ),
    Mutant(
        "answers that are read are given back",
        "connections.py",
        "        self._budget.give(size)\n",
        "",
        "connections",
    ),
    Mutant(
        "unread answers end their connection",
        "connections.py",
        "            self._end(peer.__eq__)\n",
        "",
        "connections",
    ),
    Mutant(
        "a caller may read slowly for a moment",
        "connections.py",
        "if oldest.since > latest:",
        "if False:",
        "connections",
    ),
    Mutant(
        "connections with calls stay",
        "connections.py",
        "busy = {context.peer() for context in self._running}",
        "busy = set[str]()",
        "connections",
    ),
    Mutant(
        "a refused request is not kept",
        "connections.py",
        "return error.with_traceback(None)",
        "return error",
        "connections",
    ),
    Mutant(
        "why a request is refused is not kept",
        "connections.py",
        "    error.__context__ = None\n",
        "",
        "connections",
    ),
    Mutant(
        "callers by IPv4 have one name",
        "connections.py",
        "if not address.ipv4_mapped:",
        "if True:",
        "connections",
    ),
    Mutant(
        "late calls wait until their connection has ended",
        "gate.py",
        "await asyncio.sleep(HOLD_SECONDS)",
        "pass",
        "gate",
    ),
    Mutant(
        "connections end as the gate closes",
        "gate.py",
        "self._connections.end_idle()",
        "pass",
        "gate",
    ),
    Mutant(
        "a connection runs only so many calls",
        "transport.py",
        '        ("grpc.max_concurrent_streams", MOST_STREAMS),\n',
        "",
        "transports",
    ),
    Mutant(
        "metadata has a bound",
        "transport.py",
        "MOST_METADATA_BYTES = 8192",
        "MOST_METADATA_BYTES = 10**6",
        "transports",
    ),
    # Models that hang
    Mutant(
        "a model that hangs is not serving",
        "watchdog.py",
        "        await health.not_serving()\n",
        "",
        "server",
    ),
    Mutant(
        "a model that goes on is serving",
        "watchdog.py",
        "        await health.serving()\n",
        "",
        "server",
    ),
    Mutant(
        "a worker says that it is alive",
        "pulse.py",
        "            self.say(self._word)\n            await",
        "            await",
        "pulse",
    ),
    Mutant(
        "a worker says that it loads",
        "pulse.py",
        "LOADING if is_loading else ALIVE",
        "ALIVE",
        "pulse",
    ),
    Mutant(
        "a worker is not held up by its supervisor",
        "pulse.py",
        "        os.set_blocking(file, False)\n",
        "",
        "pulse",
    ),
    Mutant(
        "a worker that is silent is ended",
        "child.py",
        "        await asyncio.sleep(TRACEBACK_SECONDS)\n        self.kill()\n",
        "",
        "server",
    ),
    Mutant(
        "a worker that speaks is left alone",
        "child.py",
        "        self._looks_in_silence = 0\n        self._is_loading = word",
        "        self._is_loading = word",
        "server",
    ),
    Mutant(
        "a worker that ends is replaced",
        "workers.py",
        "child, pause = await self._replace(port, pause)",
        "return",
        "server",
    ),
    Mutant(
        "workers end soon after their grace",
        "workers.py",
        "END_SECONDS = 1.0",
        "END_SECONDS = 20.0",
        "server",
    ),
    Mutant(
        "workers that do not end are killed",
        "workers.py",
        "            child.kill()\n        await",
        "            pass\n        await",
        "server",
    ),
    Mutant(
        "a model that fails on its warm-up is not served",
        "loading.py",
        'if warm_up == "require":',
        "if False:",
        "loading",
    ),
    Mutant(
        "the warm-up may be skipped",
        "loading.py",
        '    if warm_up == "skip":\n        return predictor\n',
        "",
        "loading",
    ),
    Mutant(
        "a model may give its row",
        "predictor.py",
        "checked(model.example()) if isinstance(model, GivesExample) else schema.sample()",
        "schema.sample()",
        "loading",
    ),
    Mutant(
        "a model that exits is told",
        "loading.py",
        "    except BaseException as error:  # Also",
        "    except Exception as error:  # Also",
        "loading",
    ),
    # The log
    Mutant(
        "the log has a bound",
        "logs.py",
        "MOST_WAITING = 1000",
        "MOST_WAITING = 10**9",
        "logs",
    ),
    Mutant(
        "long messages are cut",
        "logs.py",
        "MOST_CHARACTERS = 32 * 1024",
        "MOST_CHARACTERS = 10**9",
        "logs",
    ),
    Mutant(
        "lost messages are counted",
        "logs.py",
        "            self._lost += 1",
        "            pass",
        "logs",
    ),
    # More of clients
    Mutant(
        "several addresses take turns",
        "client.py",
        '        config["loadBalancingConfig"] = [{"round_robin": {}}]\n',
        "",
        "clients",
    ),
    Mutant(
        "gRPC's list of addresses is one",
        "addresses.py",
        'target.startswith(("ipv4:", "ipv6:"))',
        "False",
        "clients",
    ),
    Mutant(
        "one target has one family",
        "addresses.py",
        'host if ":" in host else f"::ffff:{host}"',
        "host",
        "clients",
    ),
    Mutant(
        "a server that loads is not ready",
        "readiness.py",
        'return self._last == "SERVING"',
        "return True",
        "clients",
    ),
    Mutant(
        "a wait in vain tells why",
        "readiness.py",
        'self._last = f"UNAVAILABLE: {error.details()}"',
        "pass",
        "clients",
    ),
    Mutant(
        "a label that is unknown is told",
        "messages.py",
        "if not 0 < number <= len(labels):",
        "if not 0 < number:",
        "answers",
    ),
    Mutant(
        "columns of an answer have one length",
        "messages.py",
        "    refuse_uneven(predictions)\n",
        "",
        "answers",
    ),
    Mutant(
        "a port is a port",
        "settings.py",
        "le=65535",
        "le=10**9",
        "cli",
    ),
    Mutant(
        "a time is finite",
        "settings.py",
        "ge=0, le=A_DAY",
        "ge=0",
        "cli",
    ),
]


def plant(mutant: Mutant, project: Path) -> None:
    """Plant a mutant in a project.

    Raises:
        NoPlaceError: If there is no place for it.
    """
    [path] = project.glob(f"src/*/{mutant.file}")
    text = path.read_text()
    places = text.count(mutant.old)
    if places != 1:
        raise NoPlaceError(
            f'the mutant "{mutant.name}" has no place: {mutant.file} has {places} times, and not '
            f"once:\n{mutant.old}\nGive it the text that is there now, in tests/helpers/mutants.py."
        )
    path.write_text(text.replace(mutant.old, mutant.new))


def find(mutant: Mutant, project: Path) -> str:
    """Return what the project's own tests say of a mutant in it, or nothing if they all pass."""
    names = [f"tests/test_{name}.py" for name in mutant.tests.split()]
    for files in (names, ["tests"]):
        found = run_tests(project, [name for name in files if (project / name).exists()])
        if found:
            return found
    return ""


def run_tests(project: Path, files: list[str]) -> str:
    """Return the first failures of tests of a project, or nothing if they all pass."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *files],
        cwd=project,
        env={**os.environ, "PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_SECONDS,
    )
    if done.returncode == 0:
        return ""
    # A mutant is to be found by a test, not by an import that fails.
    assert done.returncode == 1, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    return "\n".join(line for line in lines if line.startswith(("FAILED", "ERROR"))) or done.stderr


def project_of(schema: str, folder: Path) -> Path:
    """Return a project with a sample's schema, to be copied."""
    project = bake(folder / schema, **SAMPLES[schema])
    compile_stubs(project)
    return project


def chosen(words: list[str]) -> Iterator[Mutant]:
    """Yield the mutants that have one of the words in their name or their file, or all."""
    for mutant in MUTANTS:
        if not words or any(word in f"{mutant.file} {mutant.name}" for word in words):
            yield mutant


def main(words: list[str]) -> None:
    """Plant mutants, and print what finds each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, mutant in enumerate(chosen(words)):
            project = folder / f"{number}"
            shutil.copytree(project_of(mutant.schema, folder / f"baked-{number}"), project)
            plant(mutant, project)
            print(
                f"{mutant.file}: {mutant.name}: {find(mutant, project) or 'NOT FOUND'}", flush=True
            )
            shutil.rmtree(project)


if __name__ == "__main__":
    main(sys.argv[1:])
