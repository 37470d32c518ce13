"""Faults to plant in the engine of a baked project, each of which tests have to find.

Those are the tests of the engine, which need a second, or those of the project, which ask servers.
``python tests/helpers/mutants.py`` plants all mutants, one after another, and says which test found
each; words after it choose those that have one of them in their name or their file.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from baking import RUN_SECONDS, TEMPLATE, bake, compile_stubs
from samples import SAMPLES


class Mutant(NamedTuple):
    """A fault.

    Attributes:
        name: What does not hold any more.
        file: Where it is, in the engine.
        old: Text that is there once.
        new: What to put in its place.
        tests: The files of tests that are likely to find it, which run first, of the engine or of
            the project.
        schema: The sample whose project it is planted in.
    """

    name: str
    file: str
    old: str
    new: str
    tests: str
    schema: str = "iris"


ENGINE_TESTS = TEMPLATE / "tests" / "engine"
# As long as the tests of a project may take.
ENDING_SOON = ("-o", "timeout=120", "-o", "faulthandler_timeout=150")


class NoPlaceError(Exception):
    """The text that a mutant replaces is not there, or more than once."""


MUTANTS = [
    # Arrays in messages
    Mutant(
        "packed blocks hold the values",
        "fields/packed.py",
        "array.astype(wire, copy=False).tobytes()",
        "bytes([7]) * array.astype(wire).nbytes",
        "packed",
    ),
    Mutant(
        "doubles keep their width",
        "fields/packed.py",
        '"<f8" if field.type == FieldDescriptor.TYPE_DOUBLE else "<f4"',
        '"<f4"',
        "packed",
    ),
    Mutant(
        "long blocks have their length",
        "fields/packed.py",
        "number & 0x7F | 0x80",
        "number & 0x7F",
        "packed",
    ),
    # Garbage
    Mutant(
        "the collector runs less often",
        "processes/garbage.py",
        "    gc.set_threshold(YOUNG)\n",
        "",
        "garbage",
    ),
    Mutant(
        "a replaced model is freed", "processes/garbage.py", "    gc.unfreeze()\n", "", "garbage"
    ),
    Mutant("what stays is left out", "processes/garbage.py", "    gc.freeze()\n", "", "garbage"),
    # The end of the server
    Mutant(
        "the port outlasts the last call",
        "transports/native.py",
        "RELAY_SECONDS = 0.1",
        "RELAY_SECONDS = 0.0",
        "server",
    ),
    Mutant(
        "a closed gate takes no calls",
        "serving/gate.py",
        "self._closed = True",
        "self._closed = False",
        "server",
    ),
    Mutant(
        "a closed gate takes no streams",
        "serving/gate.py",
        "            await self._admit(context)\n            try:",
        "            try:",
        "gate",
    ),
    Mutant(
        "refused calls may be tried again",
        "serving/gate.py",
        "grpc.StatusCode.UNAVAILABLE",
        "grpc.StatusCode.CANCELLED",
        "server",
    ),
    Mutant(
        "the gate waits for the last comers",
        "serving/gate.py",
        "(late != self._late or self._is_busy())",
        "self._is_busy()",
        "gate server",
    ),
    Mutant(
        "the gate does not wait for ever",
        "serving/gate.py",
        "LONGEST_CLOSE_SECONDS = 0.2",
        "LONGEST_CLOSE_SECONDS = 1e9",
        "gate server",
    ),
    Mutant(
        "clients have time to end their connections",
        "serving/gate.py",
        "while connections.end_idle() and time.monotonic() < end:",
        "while connections.end_idle() and False:",
        "gate",
    ),
    Mutant(
        "clients read what they were answered before their connection ends",
        "serving/connections.py",
        "not in busy, socket.SHUT_WR\n",
        "not in busy, socket.SHUT_RDWR\n",
        "connections",
    ),
    Mutant(
        "bytes that are no request are told so",
        "serving/gate.py",
        "            except Exception as error:  # Of",
        "            except ZeroDivisionError as error:  # Of",
        "errors",
    ),
    Mutant(
        "a server that stops says so",
        "serving/server.py",
        "await self._health.stop()",
        "pass",
        "server",
    ),
    Mutant(
        "the gate closes before the server stops",
        "serving/server.py",
        "await self._gate.close()",
        "pass",
        "server",
    ),
    Mutant(
        "a port is free after the end",
        "serving/server.py",
        "await self._server.stop(self._settings.grace_seconds)",
        "pass",
        "server",
    ),
    Mutant(
        "two servers do not share a port by mistake",
        "transports/choice.py",
        "int(share_port)",
        "1",
        "transports",
    ),
    Mutant(
        "a large request is refused",
        "transports/choice.py",
        '("grpc.max_receive_message_length", settings.max_message_bytes),\n',
        "",
        "server",
    ),
    Mutant(
        "a port is taken over at once",
        "processes/supervisor.py",
        "probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)",
        "pass",
        "server",
    ),
    # Health
    Mutant(
        "watches end with the server",
        "serving/health.py",
        "for watch in self._watches:\n            watch.cancel()",
        "pass",
        "server",
    ),
    Mutant(
        "a server that loads is not serving",
        "serving/health.py",
        "dict.fromkeys(self._services, NOT_SERVING)",
        "dict.fromkeys(self._services, SERVING)",
        "server cli",
    ),
    Mutant(
        "the service has its own health",
        "serving/health.py",
        'self._services = ("", service)',
        'self._services = ("",)',
        "server",
    ),
    # Reloads
    Mutant(
        "a new model is warmed up before it serves",
        "serving/loading.py",
        "    try:\n        predictor.warm_up()",
        "    try:\n        pass",
        "loading server",
    ),
    Mutant(
        "warming up asks the model",
        "serving/predictor.py",
        "self._predict(example)",
        "pass",
        "loading server",
    ),
    Mutant(
        "a new model serves",
        "serving/server.py",
        '            self._handlers.use(predictor)\n            logger.info("Serving',
        '            logger.info("Serving',
        "server",
    ),
    # Statuses
    Mutant(
        "a refused call hears when to come again",
        "serving/status.py",
        "retry.retry_delay.FromMilliseconds(",
        "retry.retry_delay.FromMilliseconds(0 * ",
        "status errors",
    ),
    Mutant(
        "details fit into a header",
        "serving/status.py",
        "MOST_DETAIL_BYTES = 4096",
        "MOST_DETAIL_BYTES = 10**9",
        "status",
    ),
    Mutant(
        "calls before the model may be tried again",
        "serving/status.py",
        'code_pb2.UNAVAILABLE, "the model',
        'code_pb2.INTERNAL, "the model',
        "status errors clients",
    ),
    Mutant(
        "a late call is told that it is late",
        "serving/status.py",
        "code_pb2.DEADLINE_EXCEEDED",
        "code_pb2.INTERNAL",
        "status",
    ),
    Mutant(
        "the model's words stay in the log",
        "serving/status.py",
        'f"the model failed; the server\'s log tells more under {error_id}"',
        'f"{error.__cause__} {error_id}"',
        "status errors",
    ),
    Mutant(
        "the log has the model's traceback",
        "serving/status.py",
        "exc_info=error",
        "exc_info=None",
        "status errors",
    ),
    Mutant(
        "a fault of the whole request is told",
        "fields/violations.py",
        'f"{message}.{self.field}" if self.field else message',
        'f"{message}.{self.field}"',
        "violations",
    ),
    # Batches
    Mutant(
        "a cancelled call leaves the queue",
        "batching/batcher.py",
        "except asyncio.CancelledError:\n            self.leave(call)",
        "except asyncio.CancelledError:\n            pass",
        "batching",
    ),
    Mutant(
        "a late call is not run",
        "batching/batcher.py",
        "elif call.deadline >= earliest_end and (",
        "elif True and (",
        "batching",
    ),
    Mutant(
        "a call is late that could only just begin",
        "batching/batcher.py",
        "time.monotonic() + self._pace.least_seconds",
        "time.monotonic()",
        "batching",
    ),
    Mutant(
        "a guess is put to the test",
        "batching/batcher.py",
        "if late and not batch and not self._started:",
        "if False:",
        "batching",
    ),
    Mutant(
        "only slices that somebody waits for are tried again",
        "batching/runner.py",
        "if is_wanted(place)",
        "if True",
        "batching",
    ),
    Mutant(
        "the search for slices that fail ends",
        "batching/runner.py",
        "while groups and time.monotonic() < end:",
        "while groups:",
        "batching",
    ),
    Mutant(
        "a batch is of one group",
        "batching/batcher.py",
        "(call.group == group and (call.answer or newest) is answer)",
        "(call.answer or newest) is answer",
        "batching",
    ),
    Mutant(
        "a batch has no more rows than it may",
        "batching/batcher.py",
        "call.take(room)",
        "call.take(before)",
        "batching",
    ),
    Mutant(
        "an answer is for those who still wait",
        "batching/batcher.py",
        "            if not call.is_wanted():\n                freed",
        "            if False:\n                freed",
        "batching",
    ),
    Mutant(
        "callers that return are waited for",
        "batching/batcher.py",
        "self._await_return(rows, self._patience.seconds(seconds))",
        "pass",
        "batching",
    ),
    Mutant(
        "waits in vain are learned from",
        "batching/batcher.py",
        "were_back=self._queue.rows >= self._hoped_for",
        "were_back=True",
        "batching",
    ),
    Mutant("waits are short", "batching/patience.py", "SHARE = 0.5", "SHARE = 5.0", "batching"),
    Mutant(
        "waits have a bound",
        "batching/patience.py",
        "MOST_SECONDS = 0.001, 0.05",
        "MOST_SECONDS = 0.001, 5.0",
        "batching",
    ),
    Mutant(
        "waits too short to pay are left out",
        "batching/patience.py",
        "MOST_SECONDS = 0.001, 0.05",
        "MOST_SECONDS = 0.0, 0.05",
        "batching",
    ),
    Mutant(
        "waits are never given up",
        "batching/patience.py",
        "MOST_DOUBLINGS = 6",
        "MOST_DOUBLINGS = 60",
        "batching",
    ),
    Mutant(
        "callers that are back end the distrust",
        "batching/patience.py",
        "self._in_vain = 0 if were_back else min",
        "self._in_vain = min",
        "batching",
    ),
    # What the model raises
    Mutant(
        "a call that fails fails alone",
        "batching/runner.py",
        "if len(group) == 1:",
        "if True:",
        "batching errors",
    ),
    Mutant(
        "no StopIteration reaches a future",
        "batching/runner.py",
        " and not isinstance(error, StopIteration)",
        "",
        "batching",
    ),
    Mutant(
        "sys.exit ends its call alone",
        "batching/runner.py",
        "except BaseException as error:",
        "except Exception as error:",
        "batching",
    ),
    Mutant(
        "each call has its own answer",
        "batching/runner.py",
        "if len(answers) != len(slices):",
        "if False:",
        "batching",
    ),
    # What callers send
    Mutant(
        "a number in range is told from one above",
        "fields/scalars.py",
        "self._range.low <= value <= self._range.high",
        "self._range.low <= value",
        "numbers",
    ),
    Mutant(
        "a column has no number above the range",
        "fields/ranges.py",
        "(values >= self.low) & (values <= self.high)",
        "values >= self.low",
        "numbers",
    ),
    Mutant(
        "a column has no number below the range",
        "fields/ranges.py",
        "(values >= self.low) & (values <= self.high)",
        "values <= self.high",
        "numbers",
    ),
    Mutant(
        "a long list of faults is cut",
        "fields/violations.py",
        "MOST_FAULTS = 1000",
        "MOST_FAULTS = 10**9",
        "numbers labels tensors",
    ),
    Mutant(
        "a required field is asked for",
        "fields/scalars.py",
        'return None if self.optional else Violation(self.name, "required")',
        "return None",
        "numbers",
    ),
    Mutant(
        "columns have the same length",
        "serving/batches.py",
        "elif count not in (0, rows):",
        "elif False:",
        "batches",
    ),
    Mutant(
        "a range is as low as the wire has it",
        "fields/ranges.py",
        "self._wire.type(limits.min if low is None else low).item()",
        "float(limits.min if low is None else low)",
        "numbers",
    ),
    Mutant(
        "a range is as high as the wire has it",
        "fields/ranges.py",
        "self._wire.type(limits.max if high is None else high).item()",
        "float(limits.max if high is None else high)",
        "numbers",
    ),
    Mutant(
        "a picture has its size",
        "fields/images.py",
        "if self._size and self._size != size:",
        "if False:",
        "images",
    ),
    Mutant(
        "a label has a number that there is",
        "fields/labels.py",
        "if number in self._label_of:",
        "if number >= 1:",
        "labels",
    ),
    Mutant(
        "a column of labels has numbers that there are",
        "fields/labels.py",
        "(known != numbers) | (places == NOWHERE)",
        "places == NOWHERE",
        "labels",
    ),
    Mutant(
        "a field left out has its default",
        "fields/scalars.py",
        "values[row] = self.default",
        "values[row] = 0",
        "numbers",
    ),
    Mutant(
        "nan is taken where it is the default",
        "fields/elements.py",
        "allow_nan=default != default",
        "allow_nan=False",
        "numbers",
    ),
    # What the model answers
    Mutant(
        "an answer has its shape",
        "fields/elements.py",
        "if array.shape != shape:",
        "if False:",
        "numbers tensors",
    ),
    Mutant(
        "an answer has its dtype",
        "fields/elements.py",
        'if not are_integers and not np.can_cast(array.dtype, self.dtype, "same_kind"):',
        "if False:",
        "numbers flags",
    ),
    Mutant(
        "an answer is finite",
        "fields/elements.py",
        "not np.isfinite(array).all()",
        "array is None",
        "numbers",
    ),
    Mutant(
        "a label has its place",
        "fields/labels.py",
        "if not 0 <= place < len(self.labels):",
        "if False:",
        "labels",
    ),
    Mutant(
        "labels have their numbers on the wire",
        "fields/labels.py",
        "zip(predictions, self._numbers[column].tolist()",
        "zip(predictions, (column + 1).tolist()",
        "labels",
    ),
    Mutant(
        "a vector is in the order of its labels' numbers",
        "fields/vectors.py",
        "self._places = np.array(self.numbers) - 1",
        "self._places = np.arange(len(self.numbers))",
        "vectors",
    ),
    Mutant(
        "a vector has a place for labels that are gone",
        "fields/vectors.py",
        "self.width = width or max(self.numbers)",
        "self.width = max(self.numbers)",
        "vectors",
    ),
    Mutant(
        "a vector has no more values than labels ever were",
        "fields/vectors.py",
        "if count > self.width:",
        "if False:",
        "vectors",
    ),
    Mutant(
        "a vector lacks no label",
        "fields/vectors.py",
        "if not self.optional and not there.all():",
        "if not count and not self.optional:",
        "vectors",
    ),
    Mutant(
        "labels that are gone are not looked at",
        "fields/vectors.py",
        "self._elements.faults(np.asarray(values)[self._places[labels]])",
        "self._elements.faults(np.asarray(values)[: len(labels)])",
        "vectors",
    ),
    Mutant(
        "a vector without some labels has the default for them",
        "fields/vectors.py",
        "self.default if self.optional else 0, self.dtype)\n        for row",
        "0, self.dtype)\n        for row",
        "vectors",
    ),
    Mutant(
        "a vector's shape is its length",
        "fields/vectors.py",
        "if tensor.shape and [*tensor.shape] != [len(tensor.values)]:",
        "if False:",
        "vectors",
    ),
    Mutant(
        "a vector has no label that is unknown",
        "fields/vectors.py",
        "            if label not in self.labels:\n",
        "            if False:\n",
        "vectors",
    ),
    Mutant(
        "clients take a longer vector than they know",
        "fields/vectors.py",
        "if len(values) < least:",
        "if len(values) != self.width:",
        "vectors",
    ),
    Mutant(
        "a vector takes up a place for each number",
        "fields/vectors.py",
        "self.input_bytes = HOLDER_BYTES + self.width * elements.input_bytes",
        "self.input_bytes = HOLDER_BYTES + elements.input_bytes",
        "vectors",
    ),
    # Streams
    Mutant(
        "a stream may be longer than what is read ahead",
        "serving/handlers.py",
        "                window.release()\n",
        "",
        "predict clients",
    ),
    Mutant(
        "a stream that is left is not run to its end",
        "serving/handlers.py",
        "                    response.cancel()",
        "                    pass",
        "errors",
    ),
    # Clients
    Mutant(
        "a client tries again",
        "calling/channels.py",
        '[*options, ("grpc.service_config", json.dumps(config))]',
        "options",
        "clients",
    ),
    Mutant(
        "a client tries large calls again",
        "calling/channels.py",
        '        ("grpc.per_rpc_retry_buffer_size", max_message_bytes),\n',
        "",
        "clients",
    ),
    Mutant(
        "a client takes large answers",
        "calling/channels.py",
        '        ("grpc.max_receive_message_length", max_message_bytes),\n',
        "",
        "server",
    ),
    Mutant(
        "a client has connections of its own",
        "calling/channels.py",
        '        ("grpc.use_local_subchannel_pool", 1),\n',
        "",
        "clients",
    ),
    Mutant(
        "a client connects again soon",
        "calling/channels.py",
        '        ("grpc.initial_reconnect_backoff_ms", 100),\n',
        "",
        "clients",
    ),
    Mutant(
        "a client has its own timeout",
        "calling/client.py",
        "method(request, timeout=self._seconds(timeout)",
        "method(request, timeout=timeout",
        "clients",
    ),
    Mutant(
        "an asyncio client has its own timeout",
        "calling/async_client.py",
        "timeout=self._seconds(timeout), metadata",
        "timeout=timeout, metadata",
        "clients",
    ),
    Mutant(
        "the few wrong rows of a column are named",
        "fields/values.py",
        "MOST_WRONG_ROWS = 20",
        "MOST_WRONG_ROWS = 10**9",
        "numbers labels",
    ),
    Mutant(
        "an error is short",
        "calling/errors.py",
        "MOST_SHOWN = 10",
        "MOST_SHOWN = 10**9",
        "conversion clients errors",
    ),
    # The command line
    Mutant(
        "a wrong instance of a file is an error",
        "commands/json_files.py",
        "if any(isinstance(result, CallError) for result in results):",
        "if False:",
        "cli",
    ),
    Mutant(
        "a long CSV file is told by its lines",
        "commands/csv_files.py",
        "lines[int(found[2])]",
        "2 + int(found[2])",
        "cli",
    ),
    Mutant(
        "a CSV file may come from Excel", "commands/csv_files.py", '"utf-8-sig"', '"utf-8"', "cli"
    ),
    Mutant(
        "a server that is not serving is told",
        "commands/health.py",
        'if status != "SERVING":',
        "if False:",
        "cli",
    ),
    # What a second look has found
    Mutant(
        "watches are bounded",
        "serving/health.py",
        "if len(self._watches) >= MOST_WATCHES:",
        "if False:",
        "probes",
    ),
    Mutant(
        "an open question for the schema ends with the server",
        "serving/server.py",
        "            self._always_open.end_streams()\n",
        "",
        "probes",
    ),
    Mutant(
        "a stream that is cancelled is not one that ends",
        "serving/gate.py",
        "if not self._streams_end:",
        "if False:",
        "gate",
    ),
    Mutant(
        "one worker tries a new model first",
        "processes/supervisor.py",
        "if await first.reload():",
        "first.reload()\n            if True:",
        "supervisor",
    ),
    Mutant(
        "a call asks about no more rows of a file than it may",
        "commands/csv_rows.py",
        "size > room or len",
        "len",
        "commands",
    ),
    Mutant(
        "rows of a file that are small are bounded, too",
        "commands/csv_rows.py",
        " or len(part.rows) == MOST_ROWS",
        "",
        "commands",
    ),
    Mutant(
        "pictures of a file count as they are decoded",
        "commands/csv_rows.py",
        "if not self._varying:",
        "if True:",
        "commands",
    ),
    Mutant(
        "a cell that names no file is told with its line",
        "commands/csv_rows.py",
        "except (OSError, ValueError) as error:",
        "except ValueError as error:",
        "commands",
    ),
    Mutant(
        "columns of predictions have names of their own",
        "commands/csv_files.py",
        "        refuse_titles(path, header, titles)\n",
        "",
        "commands",
    ),
    Mutant(
        "a timeout that gRPC cannot count is cut",
        "calling/times.py",
        "min(timeout, LONGEST_SECONDS)",
        "timeout",
        "readiness",
    ),
    Mutant(
        "a timeout that is no time is told",
        "calling/times.py",
        "if not timeout > 0:",
        "if False:",
        "readiness",
    ),
    Mutant(
        "the help has the range of a number that may be nan",
        "fields/numbers.py",
        "form or None",
        "None",
        "numbers",
    ),
    Mutant(
        "a model has a method to be asked by",
        "serving/loading.py",
        "if not callable(predict) or inspect.iscoroutinefunction(predict):",
        "if False:",
        "loading",
    ),
    # Memory
    Mutant(
        "large calls leave room for small ones",
        "batching/budget.py",
        "RESERVED_SHARE = 1 / 8",
        "RESERVED_SHARE = 0.0",
        "batching",
    ),
    Mutant(
        "small calls have the room that is left",
        "batching/budget.py",
        "if size <= self._small",
        "if size < 0",
        "batching",
    ),
    Mutant(
        "a call that never fits is told so",
        "batching/budget.py",
        "if needed > limit:",
        "if False:",
        "batching",
    ),
    Mutant(
        "calls give back what they took",
        "batching/budget.py",
        "self.used -= size",
        "pass",
        "batching",
    ),
    Mutant(
        "requests count",
        "serving/gate.py",
        "budget.take(size + elements)\n",
        "pass\n",
        "transports",
    ),
    Mutant(
        "requests count as often as they are there",
        "serving/footprint.py",
        "COPIES = 2",
        "COPIES = 1",
        "transports",
    ),
    Mutant(
        "requests are given back",
        "serving/gate.py",
        "finally:\n                budget.give(size + elements)",
        "finally:\n                pass",
        "transports",
    ),
    Mutant(
        "texts of a request count before they are parsed",
        "serving/footprint.py",
        "return TEXT_BYTES if",
        "return 0 if",
        "footprint",
    ),
    Mutant(
        "messages of a request count before they are parsed",
        "serving/footprint.py",
        "    if field.message_type:\n        return",
        "    if False:\n        return",
        "footprint",
    ),
    Mutant(
        "numbers of a request count before they are parsed",
        "serving/footprint.py",
        "        if self._number:",
        "        if False:",
        "footprint",
    ),
    Mutant(
        "the bound on a request's elements is given back",
        "serving/gate.py",
        "                    budget.give(elements)\n",
        "",
        "gate",
    ),
    Mutant(
        "requests of streams count",
        "serving/streams.py",
        "                self._budget.take(size)\n",
        "",
        "streams",
    ),
    Mutant(
        "streams are not read far ahead",
        "serving/streams.py",
        "            while sum(self._sizes) > MOST_AHEAD_BYTES:",
        "            while False:",
        "streams",
    ),
    Mutant(
        "requests of streams are given back when they are answered",
        "serving/gate.py",
        "                    requests.answered()\n",
        "",
        "gate",
    ),
    Mutant(
        "requests of streams are given back when the stream ends",
        "serving/gate.py",
        "                requests.close()\n",
        "",
        "gate",
    ),
    Mutant(
        "a queue of calls that have been cancelled is left alone",
        "batching/batcher.py",
        "            if not call.is_wanted():\n                gone",
        "            if False:\n                gone",
        "batching",
    ),
    Mutant(
        "memory that lies idle goes back",
        "processes/allocator.py",
        "fordblks > MOST_IDLE_BYTES",
        "fordblks < 0",
        "allocator",
    ),
    Mutant(
        "workers keep little of what is freed",
        "processes/child.py",
        "                    **ENVIRONMENT,\n",
        "",
        "server",
    ),
    Mutant(
        "errors of a stream do not keep its requests",
        "serving/streams.py",
        "                del data  # Whoever",
        "                pass  # Whoever",
        "streams",
    ),
    Mutant(
        "texts count as often as Python may need",
        "serving/footprint.py",
        "            self.copies += TEXT_COPIES",
        "            self.copies += BYTES_COPIES",
        "footprint",
    ),
    Mutant(
        "probes take up no memory of calls",
        "serving/server.py",
        "server, Budget(PROBES_BYTES), connections, MOST_PROBE_BYTES",
        "server, self._budget, connections, MOST_PROBE_BYTES",
        "transports",
    ),
    Mutant(
        "a probe is small",
        "serving/server.py",
        "connections, MOST_PROBE_BYTES\n",
        "connections\n",
        "transports",
    ),
    Mutant(
        "a request of a stream of probes is small",
        "serving/streams.py",
        "if len(data) > self._most_bytes:",
        "if False:",
        "gate transports",
    ),
    Mutant(
        "errors of watches do not keep their requests",
        "serving/gate.py",
        "            watch = without_leftovers(self._guard(handler.unary_stream, parse))",
        "            watch = self._guard(handler.unary_stream, parse)",
        "gate",
    ),
    Mutant(
        "an instance takes up memory",
        "serving/handlers.py",
        "size = batches.bytes_of(instance)",
        "size = 0",
        "transports",
    ),
    Mutant(
        "every row takes up memory",
        "serving/handlers.py",
        "batches.count_rows(columns) * batches.row_bytes",
        "batches.row_bytes",
        "transports",
    ),
    Mutant(
        "a call that cannot be read on a thread gives back",
        "serving/handlers.py",
        "            job.add_done_callback(lambda _: give_back(loop, self._budget, size))\n",
        "",
        "errors",
    ),
    Mutant(
        "a call that cannot be read gives back",
        "serving/handlers.py",
        "            except Exception:\n"
        "                self._budget.give(size)\n"
        "                raise",
        "            except Exception:\n                raise",
        "errors transports",
    ),
    Mutant(
        "a call whose caller is gone holds its bytes",
        "batching/batcher.py",
        "        if call.running:\n            return 0\n",
        "",
        "batching",
    ),
    Mutant(
        "a call gives back once",
        "batching/batcher.py",
        "size, call.size = call.size, 0",
        "size = call.size",
        "batching",
    ),
    Mutant(
        "an answer is no larger than a message may be",
        "serving/calls.py",
        "if self._room < 0:",
        "if False:",
        "calls",
    ),
    # Turns
    Mutant(
        "calls take turns",
        "batching/queue.py",
        "                del queue[call]\n                queue[call] = None\n",
        "",
        "batching",
    ),
    Mutant(
        "a large call ends with its last slice",
        "batching/batcher.py",
        "not (call.running or call.rows)",
        "not call.running",
        "batching",
    ),
    Mutant(
        "a large call waits for all its slices",
        "batching/batcher.py",
        "not (call.running or call.rows)",
        "not call.rows",
        "batching",
    ),
    Mutant(
        "each slice has its place",
        "batching/batcher.py",
        "call, call.taken))",
        "call, 0))",
        "batching",
    ),
    Mutant(
        "answers are in order of their places",
        "serving/calls.py",
        "in sorted(self._answers)]",
        "in self._answers]",
        "calls",
    ),
    Mutant(
        "no more of a call is run once it has failed",
        "batching/batcher.py",
        "call.has_ended = True\n                freed += self._release(call)\n",
        "call.has_ended = True\n                freed += 0 if call.rows else self._release(call)\n",
        "batching",
    ),
    Mutant(
        "a full queue admits no more",
        "batching/batcher.py",
        "        if not self._has_room():\n            raise",
        "        if False:\n            raise",
        "batching",
    ),
    Mutant(
        "a queue takes no more than it has room for, however many were admitted",
        "batching/batcher.py",
        "                    if self._has_room():\n",
        "                    if True:\n",
        "batching",
    ),
    Mutant(
        "calls that are refused after they were admitted give their bytes back",
        "batching/batcher.py",
        "        for call in refused:\n            self._budget.give(call.size)\n",
        "",
        "batching",
    ),
    Mutant(
        "how long a batch has been running is known",
        "batching/batcher.py",
        "time.monotonic() - started",
        "0.0",
        "batching",
    ),
    Mutant(
        "instances stand before columns",
        "serving/predictor.py",
        "[self._join(ones), *tables]",
        "[*tables, self._join(ones)]",
        "predictor",
    ),
    Mutant(
        "answers of a mixed batch go where they belong",
        "serving/predictor.py",
        "[next(of_ones if isinstance(each, ONES) else of_tables) for each in slices]",
        "[*of_ones, *of_tables]",
        "predictor",
    ),
    Mutant(
        "the model may change a default",
        "serving/batches.py",
        'np.require(each, requirements=["C", "W"])',
        "each",
        "batches",
    ),
    Mutant(
        "a list of wrong arrays is cut",
        "fields/varying.py",
        "if len(violations) == MOST_FAULTS:",
        "if False:",
        "varying",
    ),
    Mutant(
        "a list of wrong pictures is cut",
        "fields/images.py",
        "[*islice(faults, MOST_FAULTS)]",
        "[*islice(faults, 10**9)]",
        "images",
    ),
    # Connections of grpcio
    Mutant(
        "a call that finds no room makes some, by ending what nobody reads",
        "batching/budget.py",
        "            self.when_busy()\n",
        "",
        "connections",
    ),
    Mutant(
        "answers that are not read count",
        "serving/connections.py",
        "        size *= COPIES\n",
        "        size = 0\n",
        "connections",
    ),
    Mutant(
        "answers that are read are given back",
        "serving/connections.py",
        "            self._budget.give(size)\n",
        "            pass\n",
        "connections",
    ),
    Mutant(
        "unread answers end their connection",
        "serving/connections.py",
        "shut_down(self._port, lambda connection: peer_of(connection) in unread)",
        "pass",
        "connections",
    ),
    # Runs of slices
    Mutant(
        "a call of one row waits for one slice",
        "batching/batcher.py",
        "others = queue.singles or self._works or",
        "others = self._works or",
        "runs",
    ),
    Mutant(
        "calls of one row that have left are none",
        "batching/queue.py",
        "            self.callers -= call.callers\n            self.singles -= not call.in_runs\n",
        "            self.callers -= call.callers\n",
        "runs",
    ),
    Mutant(
        "a block is split where a batch is full",
        "serving/taken.py",
        "        if self.callers <= most:\n",
        "        if True:\n",
        "blocks",
    ),
    Mutant(
        "a call that leaves a block gives back its bytes",
        "serving/taken.py",
        "part.size = size * len(leave)",
        "part.size = 0",
        "blocks",
    ),
    Mutant(
        "a call that leaves a block is in it no more",
        "serving/taken.py",
        "stay = [each for each in range(self.callers) if each not in leaving]",
        "stay = [*range(self.callers)]",
        "blocks",
    ),
    Mutant(
        "nobody is looked for who went while a block ran",
        "serving/taken.py",
        "single.has_ended = call_id in self._gone",
        "single.has_ended = False",
        "blocks",
    ),
    Mutant(
        "what the model makes of the instances of a block is its own affair",
        "serving/taken.py",
        "column.copy() for column in columns",
        "column for column in columns",
        "blocks",
    ),
    Mutant(
        "only those of a block are late whose deadlines are over",
        "serving/taken.py",
        "enumerate(ends) if each < end",
        "enumerate(ends)",
        "blocks",
    ),
    Mutant(
        "the instances of a block that was split are its own",
        "serving/taken.py",
        "[column[places] for column in columns]",
        "[column[: len(places)] for column in columns]",
        "blocks",
    ),
    Mutant(
        "a request that is wrong is left out of a block",
        "serving/intake.py",
        "formed = [*compress(formed, right)]",
        "formed = formed[: sum(right)]",
        "blocks",
    ),
    Mutant(
        "what is not in a block is answered by itself",
        "serving/intake.py",
        "if event[1] not in taken]",
        "if event[1] in ()]",
        "blocks",
    ),
    Mutant(
        "all calls of a block take room in the queue",
        "batching/queue.py",
        "self.callers += call.callers",
        "self.callers += 1",
        "blocks",
    ),
    Mutant(
        "late calls of a block leave the queue",
        "batching/batcher.py",
        "                late += call.late(earliest_end)\n                self._queue.lost(before - call.callers)\n",
        "                late += call.late(earliest_end)\n",
        "blocks",
    ),
    Mutant(
        "a late call of a block that is run after all is in the queue before",
        "batching/batcher.py",
        "if last not in self._queue:",
        "if False:",
        "blocks",
    ),
    Mutant(
        "each call of a block may be to blame",
        "batching/batcher.py",
        "            batch = self._of_singles(batch)\n",
        "",
        "blocks",
    ),
    Mutant(
        "a block that does not fit is let in as far as it does",
        "batching/batcher.py",
        "[call] if self._has_room(call.callers) else call.singles()",
        "[call]",
        "blocks",
    ),
    Mutant(
        "bytes are taken for each call of a block that does not fit",
        "batching/batcher.py",
        "for call in self._singles(calls):",
        "for call in calls:",
        "blocks",
    ),
    Mutant(
        "answers of a block that nobody takes are not unsent",
        "transports/native.py",
        "size += len(data)",
        "size += 0",
        "native",
    ),
    Mutant(
        "a call of a block that has gone is not answered",
        "transports/native.py",
        "if not (take(call_id, None) and send(",
        "if not (send(",
        "native",
    ),
    Mutant(
        "other work waits for one slice",
        "batching/batcher.py",
        "others = queue.singles or self._works or",
        "others = queue.singles or",
        "runs",
    ),
    Mutant(
        "a run ends when its turn is over",
        "batching/batcher.py",
        "(queue and is_over)",
        "False",
        "runs",
    ),
    Mutant(
        "a run goes on while its turn lasts",
        "batching/batcher.py",
        "(queue and is_over)",
        "queue",
        "runs",
    ),
    Mutant(
        "a run whose caller has gone ends",
        "batching/batcher.py",
        "return 0 if others or not is_in_time(call, now) else",
        "return 0 if others else",
        "runs",
    ),
    Mutant(
        "what is left of a run waits for its turn",
        "batching/batcher.py",
        "            elif call.rows and call not in self._queue:  # The rest of a run.\n"
        "                self._queue.add(call)\n",
        "",
        "runs",
    ),
    Mutant(
        "the model is as busy as its slice",
        "batching/batcher.py",
        "        self._started[thread] = now\n",
        "",
        "runs",
    ),
    Mutant(
        "runs are for one batch at a time",
        "batching/batcher.py",
        " and self._limits.batches == 1:",
        ":",
        "runs",
    ),
    Mutant(
        "one model answers all rows of a call",
        "batching/batcher.py",
        "group, answer = call.group, call.answer or newest",
        "group = call.group",
        "runs",
    ),
    Mutant(
        "a call that expires in a search is late",
        "batching/batcher.py",
        "if error and time.monotonic() >= call.deadline:",
        "if False:",
        "batching",
    ),
    Mutant(
        "the model may use its columns again",
        "serving/batches.py",
        "isinstance(fitted, list) else fitted.copy()",
        "isinstance(fitted, list) else fitted",
        "predictor",
    ),
    Mutant(
        "each slice of a run has its own rows",
        "serving/batches.py",
        "column if is_alike and len(column) == rows else",
        "column if is_alike else",
        "predictor",
    ),
    Mutant(
        "the answer to a run is looked at",
        "serving/predictor.py",
        "batches.fit(batches.joined(parts), sum(map(count, parts)))",
        "batches.joined(parts)",
        "predictor",
    ),
    Mutant(
        "answers that are too large as a message are refused",
        "serving/calls.py",
        "if response.ByteSize() > self._most_bytes:",
        "if False:",
        "calls",
    ),
    Mutant(
        "whole numbers that take two bytes are not cut off",
        "fields/packed.py",
        "array.max() < MOST_IN_A_BYTE",
        "array.max() < 2 * MOST_IN_A_BYTE",
        "packed",
    ),
    Mutant(
        "negative numbers are not cut off",
        "fields/packed.py",
        "array.min() >= 0 and",
        "",
        "packed",
    ),
    Mutant(
        "calls that enter together are small",
        "batching/budget.py",
        "return max(sizes) <= self._small and self._has_taken",
        "return self._has_taken",
        "batching",
    ),
    Mutant(
        "slices grow where the model is quick",
        "batching/batcher.py",
        "elif rows >= self._slice_rows and seconds < TURN_SECONDS / 2:",
        "elif False:",
        "runs",
    ),
    Mutant(
        "slices shrink where the model is slow",
        "batching/batcher.py",
        "        if seconds > TURN_SECONDS:\n",
        "        if False:\n",
        "runs",
    ),
    Mutant(
        "slices that are shared are as large as a batch",
        "batching/batcher.py",
        "is_shared = self._queue.singles or self._limits.batches > 1",
        "is_shared = self._limits.batches > 1",
        "runs",
    ),
    Mutant(
        "a model that fails on many rows gets fewer",
        "serving/predictor.py",
        "            self._takes_more = False\n",
        "",
        "predictor",
    ),
    Mutant(
        "who sets the size of a batch is not overruled",
        "settings.py",
        'if are_set == {"max_batch_size"}:',
        "if False:",
        "settings",
    ),
    Mutant(
        "slices of several dtypes are fitted one by one",
        "serving/batches.py",
        "column.ndim and column.dtype == field.dtype",
        "column.ndim",
        "predictor",
    ),
    Mutant(
        "a model that fails has not changed what it gets again",
        "serving/predictor.py",
        "[self._batches.copied(inputs)]",
        "[inputs]",
        "predictor",
    ),
    Mutant(
        "what a request has taken counts for whether a call can ever fit",
        "batching/budget.py",
        "needed = size + HELD.get()",
        "needed = size",
        "gate",
    ),
    Mutant(
        "streams are not tried again by gRPC",
        "calling/channels.py",
        "[HEALTH, *names]",
        "[HEALTH]",
        "addresses",
    ),
    # grpcio's core
    Mutant(
        "a call that is over leaves room for the next one",
        "transports/core_calls.py",
        "        self.server.follower.ended(self)\n        self.core = None\n",
        "        self.server.follower.ended(self)\n",
        "core",
    ),
    Mutant(
        "a call whose client has gone is cancelled",
        "transports/core_calls.py",
        "            self.server.cancel(self)\n",
        "            pass\n",
        "core",
    ),
    Mutant(
        "metadata that unpacks to much is refused",
        "transports/core_calls.py",
        "        if is_too_much(event.invocation_metadata):\n",
        "        if False:\n",
        "core",
    ),
    Mutant(
        "a stream that ends while it answers ends as its method says",
        "transports/core_streams.py",
        "                    await responses.athrow(error)\n",
        "                    raise\n",
        "core",
    ),
    Mutant(
        "a call that comes too late keeps no connection",
        "serving/connections.py",
        "        if not self._is_closing:\n            self._running",
        "        if True:\n            self._running",
        "connections",
    ),
    Mutant(
        "where the core is another one asyncio serves",
        "transports/choice.py",
        "    except (ImportError, AttributeError, TypeError) as error:\n",
        "    except ImportError as error:\n",
        "core",
    ),
    # Answers that pygrpc-native has not sent
    Mutant(
        "connections with unread answers are ended",
        "serving/unsent.py",
        "            shut_down(self._port, lambda connection: peer_of(connection) in unread)\n",
        "            pass\n",
        "unsent",
    ),
    Mutant(
        "connections that read stay",
        "serving/unsent.py",
        "else given.before - (acked[peer] - given.acked)",
        "else given.before",
        "unsent",
    ),
    Mutant(
        "answers have until the next look",
        "serving/unsent.py",
        "else given.before - (",
        "else given.size - (",
        "unsent",
    ),
    Mutant(
        "a few unsent answers are borne with",
        "serving/unsent.py",
        "if excess > 0 else set()",
        "if self._taken else set()",
        "unsent",
    ),
    Mutant(
        "what is read does not hide what is not",
        "serving/unsent.py",
        "if self._looks >= MOST_LOOKS",
        "if False",
        "unsent",
    ),
    Mutant(
        "what was sent makes room",
        "serving/unsent.py",
        "        budget.when_busy = self.free\n",
        "",
        "unsent",
    ),
    Mutant(
        "small answers cost nothing to count",
        "transports/native.py",
        "self.refuse(call.peer_of(call_id), size) if size > SMALL_BYTES else None",
        "self.refuse(call.peer_of(call_id), size)",
        "native",
    ),
    Mutant(
        "an answer that is refused is not unsent",
        "transports/native.py",
        "        if refusal:\n            self._count(-size)\n",
        "        if refusal:\n",
        "native",
    ),
    Mutant(
        "silent streams count",
        "serving/gate.py",
        "self._budget.take(OPEN_BYTES)",
        "self._budget.take(0)",
        "gate",
    ),
    Mutant(
        "streams that have ended do not count",
        "serving/gate.py",
        "                self._budget.give(OPEN_BYTES)\n",
        "",
        "gate",
    ),
    Mutant(
        "texts in pictures are few",
        "fields/pictures.py",
        "PngImagePlugin.MAX_TEXT_MEMORY =",
        "_ =",
        "pictures",
    ),
    Mutant(
        "the core of gRPC writes no log",
        "processes/logs.py",
        'os.environ.setdefault("GRPC_VERBOSITY", "NONE")',
        "pass",
        "logs",
    ),
    Mutant(
        "a made-up row has the defaults",
        "fields/elements.py",
        " if is_missing(default, nan=True) else default",
        "",
        "numbers",
    ),
    Mutant(
        "masked answers are told",
        "fields/elements.py",
        "if np.ma.is_masked(column):",
        "if False:",
        "tensors",
    ),
    Mutant(
        "an empty answer has any shape",
        "fields/varying.py",
        "if not np.size(tensor):",
        "if False:",
        "varying",
    ),
    Mutant(
        "all faults are told at once",
        "calling/conversion.py",
        "            faults |= faults_of(check, others)\n",
        "",
        "conversion",
    ),
    Mutant(
        "a port too large is told",
        "calling/addresses.py",
        "int(port) > LARGEST_PORT",
        "False",
        "addresses",
    ),
    Mutant(
        "a quote that is not closed is told",
        "commands/csv_files.py",
        "csv.DictReader(file, strict=True)",
        "csv.DictReader(file)",
        "commands",
    ),
    Mutant(
        "other work is seen to run",
        "batching/batcher.py",
        "            with self._change:\n                del self._started[get_ident()]\n            self._on_loop",
        "            self._on_loop",
        "batching",
    ),
    Mutant(
        "a caller may read slowly for a moment",
        "serving/connections.py",
        "if oldest.since > latest:",
        "if False:",
        "connections",
    ),
    Mutant(
        "connections with calls stay",
        "serving/connections.py",
        "busy = {context.peer() for context in [*self._running]}",
        "busy = set[str]()",
        "connections",
    ),
    Mutant(
        "a refused request is not kept",
        "serving/connections.py",
        "return error.with_traceback(None)",
        "return error",
        "connections",
    ),
    Mutant(
        "why a request is refused is not kept",
        "serving/connections.py",
        "    error.__context__ = None\n",
        "",
        "connections",
    ),
    Mutant(
        "callers by IPv4 have one name",
        "serving/sockets.py",
        "if not address.ipv4_mapped:",
        "if True:",
        "connections",
    ),
    Mutant(
        "late calls wait until their connection has ended",
        "serving/gate.py",
        "await asyncio.sleep(HOLD_SECONDS)",
        "pass",
        "gate",
    ),
    Mutant(
        "connections end as the gate closes",
        "serving/gate.py",
        "await self._part(self._connections)",
        "pass",
        "gate",
    ),
    Mutant(
        "no connections are made as the gate closes",
        "serving/gate.py",
        "self._connections.refuse_more()",
        "pass",
        "gate",
    ),
    Mutant(
        "connections that are refused are those to come",
        "serving/connections.py",
        "shut_down(self._port, is_listening)",
        "shut_down(self._port, lambda found: True)",
        "connections",
    ),
    Mutant(
        "a connection runs only so many calls",
        "transports/choice.py",
        '        ("grpc.max_concurrent_streams", MOST_STREAMS),\n',
        "",
        "transports",
    ),
    Mutant(
        "metadata has a bound",
        "transports/choice.py",
        "MOST_METADATA_BYTES = 8192",
        "MOST_METADATA_BYTES = 10**6",
        "transports",
    ),
    # Models that hang
    Mutant(
        "a model that hangs is not serving",
        "serving/watchdog.py",
        "        await health.not_serving()\n",
        "",
        "server",
    ),
    Mutant(
        "a model that goes on is serving",
        "serving/watchdog.py",
        "        await health.serving()\n",
        "",
        "server",
    ),
    Mutant(
        "a worker says that it is alive",
        "processes/pulse.py",
        "            self.say(self._word)\n            await",
        "            await",
        "pulse",
    ),
    Mutant(
        "a worker says that it loads",
        "processes/pulse.py",
        "LOADING if is_loading else ALIVE",
        "ALIVE",
        "pulse",
    ),
    Mutant(
        "a worker is not held up by its supervisor",
        "processes/pulse.py",
        "        os.set_blocking(file, False)\n",
        "",
        "pulse",
    ),
    Mutant(
        "a worker that is silent is ended",
        "processes/child.py",
        "        await asyncio.sleep(TRACEBACK_SECONDS)\n        self.kill()\n",
        "",
        "server",
    ),
    Mutant(
        "a signal does not take the status of a worker that has ended",
        "processes/child.py",
        "os.kill(self.pid, number)",
        "self._transport.send_signal(number)",
        "child",
    ),
    Mutant(
        "a worker that speaks is left alone",
        "processes/child.py",
        "        self._looks_in_silence = 0\n        if",
        "        if",
        "server",
    ),
    Mutant(
        "a worker that ends is replaced",
        "processes/supervisor.py",
        "child, pause = await self._replace(port, pause)",
        "return",
        "server",
    ),
    Mutant(
        "workers end soon after their grace",
        "processes/supervisor.py",
        "END_SECONDS = 1.0",
        "END_SECONDS = 20.0",
        "server",
    ),
    Mutant(
        "workers that do not end are killed",
        "processes/supervisor.py",
        "            child.kill()\n        await",
        "            pass\n        await",
        "server",
    ),
    Mutant(
        "a model that fails on its warm-up is not served",
        "serving/loading.py",
        'if warm_up == "require":',
        "if False:",
        "loading",
    ),
    Mutant(
        "the warm-up may be skipped",
        "serving/loading.py",
        '    if warm_up == "skip":\n        return predictor\n',
        "",
        "loading",
    ),
    Mutant(
        "a model may give its row",
        "serving/predictor.py",
        "if isinstance(self.model, GivesExample):",
        "if False:",
        "loading",
    ),
    Mutant(
        "a model that exits is told",
        "serving/loading.py",
        "    except BaseException as error:  # Also",
        "    except Exception as error:  # Also",
        "loading",
    ),
    # The log
    Mutant(
        "the log has a bound",
        "processes/logs.py",
        "MOST_WAITING = 1000",
        "MOST_WAITING = 10**9",
        "logs",
    ),
    Mutant(
        "long messages are cut",
        "processes/logs.py",
        "MOST_CHARACTERS = 32 * 1024",
        "MOST_CHARACTERS = 10**9",
        "logs",
    ),
    Mutant(
        "lost messages are counted",
        "processes/logs.py",
        "            self._lost += 1",
        "            pass",
        "logs",
    ),
    # More of clients
    Mutant(
        "several addresses take turns",
        "calling/channels.py",
        '        config["loadBalancingConfig"] = [{"round_robin": {}}]\n',
        "",
        "clients",
    ),
    Mutant(
        "gRPC's list of addresses is one",
        "calling/addresses.py",
        'target.startswith(("ipv4:", "ipv6:"))',
        "False",
        "addresses clients",
    ),
    Mutant(
        "one target has one family",
        "calling/addresses.py",
        'host if ":" in host else f"::ffff:{host}"',
        "host",
        "addresses clients",
    ),
    Mutant(
        "a server that loads is not ready",
        "calling/readiness.py",
        'return self._last == "SERVING"',
        "return True",
        "readiness clients",
    ),
    Mutant(
        "a wait in vain tells why",
        "calling/readiness.py",
        'self._last = f"UNAVAILABLE: {error.details()}"',
        "pass",
        "readiness clients",
    ),
    Mutant(
        "a label that is unknown is told",
        "fields/labels.py",
        "if number not in self._label_of:",
        "if number < 1:",
        "labels",
    ),
    Mutant(
        "columns of an answer have one length",
        "calling/conversion.py",
        "            refuse_uneven(columns, rows)\n",
        "",
        "conversion",
    ),
    Mutant(
        "a port is a port",
        "settings.py",
        "le=65535",
        "le=10**9",
        "settings cli",
    ),
    Mutant(
        "a time is finite",
        "settings.py",
        "ge=0, le=A_DAY",
        "ge=0",
        "settings cli",
    ),
    # Every kind of field
    Mutant(
        "a required tensor is asked for",
        "fields/tensors.py",
        'return None if self.optional else Violation(self.name, "required")',
        "return None",
        "tensors",
    ),
    Mutant(
        "a required label is asked for",
        "fields/labels.py",
        'return None if self.optional else "required"',
        "return None",
        "labels",
    ),
    Mutant(
        "a column of labels leaves none out that is required",
        "fields/labels.py",
        "NOWHERE if default is None else self.labels.index(default)",
        "0 if default is None else self.labels.index(default)",
        "labels",
    ),
    Mutant(
        "a picture is asked for",
        "fields/images.py",
        "        if not instance.HasField(self.name):\n            return Violation",
        "        if False:\n            return Violation",
        "images",
    ),
    Mutant(
        "a label left out has its default",
        "fields/labels.py",
        "NOWHERE if default is None else self.labels.index(default)",
        "0",
        "labels",
    ),
    Mutant(
        "a gap of a column has the default",
        "fields/scalars.py",
        "[self.default if self.is_missing(value) else value for value in values]",
        "[*values]",
        "numbers texts flags",
    ),
    Mutant(
        "a gap of a column of tensors has the default",
        "fields/tensors.py",
        "[default if self.is_missing(value) else value for value in values]",
        "[*values]",
        "tensors",
    ),
    Mutant(
        "a gap of a column of labels has the default",
        "fields/labels.py",
        "value = self.default if self.is_missing(given) else given",
        "value = given",
        "labels",
    ),
    Mutant(
        "nan is missing where it is no number",
        "fields/field.py",
        'return is_missing(value, nan=self.dtype.kind != "f")',
        "return is_missing(value)",
        "missing",
    ),
    Mutant(
        "nan is a float",
        "fields/field.py",
        'return is_missing(value, nan=self.dtype.kind != "f")',
        "return is_missing(value, nan=True)",
        "missing",
    ),
    Mutant(
        "nan is a value of arrays",
        "fields/arrays.py",
        "return is_missing(value)",
        "return is_missing(value, nan=True)",
        "missing",
    ),
    Mutant(
        "a picture has so many parts at most",
        "fields/pictures.py",
        "MOST_PARTS, MOST_SCANS = 20_000, 100",
        "MOST_PARTS, MOST_SCANS = 10**9, 100",
        "pictures",
    ),
    Mutant(
        "a picture has so many scans at most",
        "fields/pictures.py",
        "MOST_PARTS, MOST_SCANS = 20_000, 100",
        "MOST_PARTS, MOST_SCANS = 20_000, 10**9",
        "pictures",
    ),
    Mutant(
        "a text is no orientation",
        "fields/pictures.py",
        "    if not isinstance(exif, bytes):  # A text of a PNG may have that name, too.\n"
        "        return 1\n",
        "",
        "pictures",
    ),
    Mutant(
        "a shape is told in few words",
        "fields/field.py",
        "MOST_DIMS = 64",
        "MOST_DIMS = 10**9",
        "varying violations",
    ),
    Mutant(
        "details that cannot be read hide no error",
        "calling/errors.py",
        "    except (DecodeError, ValueError):  # A proxy, say, has made up the status.\n"
        "        return []\n",
        "    finally:\n        pass\n",
        "conversion errors clients",
    ),
    Mutant(
        "reading that takes too long is seen by health",
        "serving/handlers.py",
        "return max(batches, self._readers.busy_seconds)",
        "return batches",
        "readers",
    ),
    Mutant(
        "an error that cannot be shown harms only its call",
        "failures.py",
        "    except Exception:  # Whoever raised it has written how it is shown.\n"
        '        words = "it cannot be shown"\n',
        "    finally:\n        pass\n",
        "loading status",
    ),
    Mutant(
        "a caller that has gone is no news",
        "processes/logs.py",
        "    logging.getLogger(GRPCIO).addFilter(is_news)\n",
        "",
        "logs",
    ),
    Mutant(
        "a setting that is none is told",
        "commands/serve.py",
        "        warn_of_unknown()\n",
        "",
        "server",
    ),
    Mutant(
        "a model tells its version as a text",
        "serving/loading.py",
        "        refuse_incomplete(model)\n",
        "",
        "loading",
    ),
    Mutant(
        "an answer that does not fit is not blamed on the row",
        "serving/loading.py",
        "if isinstance(error, InvalidOutputError):",
        "if False:",
        "loading",
    ),
    Mutant(
        "what pandas calls NA is missing",
        "fields/values.py",
        ' or type(value).__name__ == "NAType"',
        "",
        "numbers",
    ),
    Mutant(
        "floats of data frames have gaps",
        "fields/values.py",
        " or not np.isnan(array).any()",
        " or True",
        "numbers",
    ),
    Mutant(
        "whole floats are integers",
        "fields/values.py",
        "            setattr(message, name, whole(value))\n",
        "            raise ValueError\n",
        "numbers",
    ),
    Mutant(
        "a column of one value a row is no table",
        "fields/values.py",
        "    if len(shape) > 1:",
        "    if False:",
        "numbers labels",
    ),
    Mutant(
        "a text is no column",
        "fields/values.py",
        "no_rows = isinstance(values, str | bytes | Mapping | Set) or",
        "no_rows =",
        "conversion",
    ),
    Mutant(
        "an integer that is too wide for its field is told before it is sent",
        "fields/elements.py",
        "            if wrong.size:\n",
        "            if False:\n",
        "tensors",
    ),
    Mutant(
        "an integer that is too wide for its field is the model's fault",
        "fields/elements.py",
        "if are_integers and not np.array_equal(fitted, array):",
        "if False:",
        "numbers",
    ),
    Mutant(
        "an answer that is too wide for its field is told",
        "fields/elements.py",
        "if is_narrow and not np.array_equal(array.ravel(), values):",
        "if False:",
        "numbers tensors",
    ),
    Mutant(
        "a text that a caller sends is one",
        "fields/elements.py",
        "wrong = (each for each in array.flat if not isinstance(each, self.type))",
        "wrong = iter(())",
        "tensors",
    ),
    Mutant(
        "a text that the model answers is one",
        "fields/elements.py",
        "if not isinstance(element, self.type):",
        "if False:",
        "texts tensors",
    ),
    Mutant(
        "an array that a caller sends has its shape",
        "fields/elements.py",
        "wrong = shape_fault(array.shape, dims) or self._misfit(array)",
        "wrong = self._misfit(array)",
        "tensors varying",
    ),
    Mutant(
        "an array has its values along each dimension",
        "fields/elements.py",
        "if right and all(shape):",
        "if right:",
        "varying",
    ),
    Mutant(
        "the made-up number is in its range",
        "fields/elements.py",
        "    if low is not None and low > 0:\n        return low\n",
        "",
        "numbers tensors",
    ),
    Mutant(
        "an answer that is not set is told",
        "fields/scalars.py",
        "    if not prediction.HasField(name):",
        "    if False:",
        "numbers labels images",
    ),
    Mutant(
        "a wrong element of a column is told by its row",
        "fields/tensors.py",
        "[(place // self._count, fault) for place, fault in faults]",
        "faults",
        "tensors",
    ),
    Mutant(
        "a column of tensors has whole rows",
        "fields/tensors.py",
        "        if count % self._count:",
        "        if False:",
        "tensors",
    ),
    Mutant(
        "an array of any shape has as many values as that",
        "fields/varying.py",
        "        if math.prod(shape) != count:",
        "        if False:",
        "varying",
    ),
    Mutant(
        "an array of any shape has no side below zero",
        "fields/varying.py",
        " or min(shape) < 0:",
        ":",
        "varying",
    ),
    Mutant(
        "an array of any shape has values",
        "fields/varying.py",
        "        if not all(shape):",
        "        if False:",
        "varying",
    ),
    Mutant(
        "values alone tell the shape only if they fill it",
        "fields/varying.py",
        "            if count % size:",
        "            if False:",
        "varying",
    ),
    Mutant(
        "an answer of any shape has the dims that are known",
        "fields/varying.py",
        "        if shape and not fits(shape, self.dims):",
        "        if False:",
        "varying",
    ),
    Mutant(
        "an answer has an array a row",
        "fields/varying.py",
        "    if len(elements) != rows:",
        "    if False:",
        "varying images",
    ),
    Mutant(
        "a picture has a bound",
        "fields/images.py",
        "        if width * height > LARGEST_IMAGE:",
        "        if False:",
        "images",
    ),
    Mutant(
        "a picture of any size counts before it is decoded",
        "fields/images.py",
        "math.prod(upright_size(data) or (0,)) * PIXEL_BYTES",
        "0",
        "images",
    ),
    Mutant(
        "a picture that lies is turned",
        "fields/pictures.py",
        "picture if turn is None else picture.transpose(turn)",
        "picture",
        "pictures",
    ),
    Mutant(
        "a picture that lies has the size of one that is upright",
        "fields/pictures.py",
        "picture.size if is_sideways else (picture.height, picture.width)",
        "(picture.height, picture.width)",
        "pictures images",
    ),
    Mutant(
        "a picture comes in the colours of its field",
        "fields/pictures.py",
        "upright if upright.mode == mode else upright.convert(mode)",
        "upright",
        "images",
    ),
    Mutant(
        "EXIF that is cut short turns nothing",
        "fields/pictures.py",
        "    except struct.error:  # It is cut short.\n        pass\n",
        "    finally:\n        pass\n",
        "pictures",
    ),
    Mutant(
        "an empty cell is a text where a text is required",
        "fields/texts.py",
        "return None if self.optional and not text else text",
        "return text or None",
        "texts",
    ),
    Mutant(
        "labels keep the blanks around them",
        "fields/labels.py",
        "return text or None  #",
        "return text.strip() or None  #",
        "labels",
    ),
    Mutant(
        "the command line takes nan where it is the default",
        "fields/numbers.py",
        "(None, None) if default != default else (low, high)",
        "(low, high)",
        "numbers",
    ),
    Mutant(
        "bytes of an array are in Base64 in JSON",
        "fields/arrays.py",
        "return from_base64(value) if self.text_type is bytes else value",
        "return value",
        "tensors",
    ),
    Mutant(
        "an input that is misspelt is told",
        "calling/conversion.py",
        "            if name is None:\n",
        "            if name == 0:\n",
        "conversion",
    ),
    Mutant(
        "rows of different shapes share no batch",
        "serving/batches.py",
        "if forms[row] != forms[row - 1]]",
        "if False]",
        "batches",
    ),
    # Models from a source
    Mutant(
        "rows that are asked about apart come back in order",
        "models/takes.py",
        "order = np.argsort(np.concatenate(groups))",
        "order = np.arange(count(columns))",
        "takes",
    ),
    Mutant(
        "what fills a fixed batch up is cut off",
        "models/takes.py",
        "return [column[:rows] for column in ask(chosen(columns, last))]",
        "return [*ask(chosen(columns, last))]",
        "takes",
    ),
    Mutant(
        "labels become places by name",
        "models/tables.py",
        "where = [place_of[str(value)] for value in found.ravel().tolist()]",
        "where = [min(place, len(place_of) - 1) for place, _ in enumerate(found.ravel())]",
        "tables",
    ),
    Mutant(
        "columns of classes are put in the order of the labels",
        "models/tables.py",
        "ordered: NDArray[Any] = found[..., order]",
        "ordered: NDArray[Any] = found",
        "tables",
    ),
    Mutant(
        "an unknown category is refused",
        "models/tables.py",
        "[place_of[value] for value in column.tolist()]",
        "[place_of.get(value, -1) for value in column.tolist()]",
        "tables",
    ),
    Mutant(
        "a model with another checksum is refused",
        "models/files.py",
        "if checksum and not checksum_of(found).startswith(checksum):",
        "if checksum and not found.exists():",
        "model_files",
    ),
    Mutant(
        "the names of files count in the version of a folder",
        "models/files.py",
        "{file_path.relative_to(path).as_posix()} ",
        "",
        "model_files",
    ),
    Mutant(
        "floats that differ in the fifth digit are told",
        "models/comparing.py",
        "RTOL, ATOL = 1e-5, 1e-6",
        "RTOL, ATOL = 1e-3, 1e-6",
        "comparing",
    ),
    Mutant(
        "a label too many is told",
        "models/comparing.py",
        "for label in {**expected, **got}:",
        "for label in expected:",
        "comparing",
    ),
    Mutant(
        "a model that moves answers in a batch gets rows one by one",
        "models/probing.py",
        "if distance > MOST_APART:",
        "if distance > 1e9:",
        "probing",
    ),
    Mutant(
        "a model that answers differently each time is found",
        "models/probing.py",
        "if any(furthest(alone[0], again) for again in alone[1:]):",
        "if len(alone) < 3:",
        "probing",
    ),
    Mutant(
        "a probe leaves the module as it was",
        "models/probing.py",
        "module.TAKES = kept",
        "module.TAKES = takes",
        "probing",
    ),
    Mutant(
        "a missing value is its default for the library",
        "models/golden.py",
        "if value is not None:",
        "if True:",
        "golden_rows",
    ),
    Mutant(
        "large arrays keep their shape",
        "models/golden.py",
        '.reshape(members["shape"])',
        "",
        "golden_rows",
    ),
    Mutant(
        "other attributes of a node are kept beside the locale",
        "models/locales.py",
        'others = [each for each in node.attribute if each.name != "locale"]',
        "others = list[Any]()",
        "model_files",
    ),
    Mutant(
        "what a model refuses is not its neighbours' fault",
        "serving/predictor.py",
        "if len(slices) == 1:",
        "if slices:",
        "predictor",
    ),
    Mutant(
        "an input by both its names is refused",
        "calling/conversion.py",
        "elif name in found:",
        "elif not name:",
        "aliases",
    ),
    Mutant(
        "a CSV file with both names of an input is refused",
        "commands/csv_files.py",
        "if first != title:",
        "if not first:",
        "aliases",
    ),
    Mutant(
        "aliases are in the metadata",
        "fields/schema.py",
        "return {path: field.alias for path, field in paths if field.alias}",
        "return {}",
        "aliases",
    ),
]


def plant(mutant: Mutant, project: Path) -> None:
    """Plant a mutant in a project.

    Raises:
        NoPlaceError: If there is no place for it.
    """
    [path] = project.glob(f"src/*/engine/{mutant.file}")
    text = path.read_text()
    places = text.count(mutant.old)
    if places != 1:
        raise NoPlaceError(
            f'the mutant "{mutant.name}" has no place: {mutant.file} has {places} times, and not '
            f"once:\n{mutant.old}\nGive it the text that is there now, in tests/helpers/mutants.py."
        )
    path.write_text(text.replace(mutant.old, mutant.new))


def find(mutant: Mutant, project: Path) -> str:
    """Return what tests say of a mutant in a project, or nothing if they all pass."""
    names = [f"test_{name}.py" for name in mutant.tests.split()]
    likely = [name for name in names if (ENGINE_TESTS / name).exists()]
    found = run_engine_tests(project, likely) if likely else ""
    own = [f"tests/{name}" for name in names if (project / "tests" / name).exists()]
    found = found or (run_own_tests(project, own) if own else "")
    return found or run_engine_tests(project, [""]) or run_own_tests(project, ["tests"])


def run_engine_tests(project: Path, files: list[str]) -> str:
    """Return the first failures of tests of the engine, of the one that a project has."""
    [package] = project.glob("src/*")
    paths = [str(ENGINE_TESTS / name) for name in files]
    return failures([*ENDING_SOON, *paths], TEMPLATE, str(package))


def run_own_tests(project: Path, files: list[str]) -> str:
    """Return the first failures of tests of a project."""
    return failures(files, project, "src")


def failures(arguments: list[str], folder: Path, path: str) -> str:
    """Return the first failures of tests, or nothing if they all pass."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
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
        baked: dict[str, Path] = {}
        for number, mutant in enumerate(chosen(words)):
            project = folder / f"{number}"
            if mutant.schema not in baked:
                baked[mutant.schema] = project_of(mutant.schema, folder / "baked")
            shutil.copytree(baked[mutant.schema], project)
            plant(mutant, project)
            print(
                f"{mutant.file}: {mutant.name}: {find(mutant, project) or 'NOT FOUND'}", flush=True
            )
            shutil.rmtree(project)


if __name__ == "__main__":
    main(sys.argv[1:])
