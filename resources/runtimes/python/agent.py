# SPDX-FileCopyrightText: 2026 The Hanshu authors
# SPDX-License-Identifier: GPL-3.0-or-later

# The agent of the built-in Python runtimes: loads one function and calls it, on orders that come through fd 3. The
# protocol is described in resources/docs/runtimes.md. It imports only what is compiled into the interpreter, because
# every idle instance pays for what is imported here.
import sys
import posix
import _socket
import _struct
import _thread

CODE = '/code'
OBJECT_PORT = 9001  # runtime::kObjectPort
RESULT_LIMIT = 32 << 20  # reference 5.7: payloads of synchronous calls

ASSIGN, INVOKE, HOOK = 1, 2, 3
READY, LOADED, LOAD_FAILED, RESULT = 1, 2, 3, 4
SUCCEEDED, FAILED = 0, 1
CREDENTIALS, IN_ENVIRONMENT, IN_CONTEXT = 1, 2, 4  # flags of an order

HEADER = _struct.Struct('<IB')
U32 = _struct.Struct('<I')
ORDER = _struct.Struct('<IIIB')  # run, attempt, length of the request id, flags: of INVOKE and HOOK
ANSWER = _struct.Struct('<IBIB')  # header and run, status of RESULT

control = _socket.socket(fileno=3)
rest = b''  # what was received behind the last frame
write_lock = _thread.allocate_lock()
process = posix.getpid()
local = _thread._local()  # request_id: of the call that the thread serves
last_request_id = ''  # for threads that a handler started


class Function:
    def __init__(self):
        self.handler = None
        self.concurrency = 1
        self.parameters = None
        self.service = None
        self.region = ''
        self.account_id = ''
        self.own_names = set()  # environment variables that the function's owner set: never overwritten
        self.credentials = Credentials('', '', '')


class Record:
    """A plain object with the attributes that the context documents."""

    def __init__(self, **values):
        self.__dict__.update(values)

    def __repr__(self):
        return f'{type(self).__name__}({self.__dict__!r})'


class Credentials:
    __slots__ = ('access_key_id', 'access_key_secret', 'security_token')

    def __init__(self, access_key_id, access_key_secret, security_token):
        self.access_key_id = access_key_id
        self.access_key_secret = access_key_secret
        self.security_token = security_token


NO_CREDENTIALS = Credentials('', '', '')


class Context:
    __slots__ = ('request_id', 'credentials', 'function', 'service', 'region', 'account_id', 'retry_count', 'tracing')

    def __init__(self, request_id, credentials, retry_count):
        self.request_id = request_id
        self.credentials = credentials
        self.function = function.parameters
        self.service = function.service
        self.region = function.region
        self.account_id = function.account_id
        self.retry_count = retry_count
        self.tracing = Record(span_context='', jaeger_endpoint='', span_baggages={})

    @property
    def logger(self):
        import logging
        return logging.getLogger()


function = Function()


# Frames

def next_frame():
    """The next frame as (kind, buffer); its body begins at byte 5 of the buffer."""
    global rest
    data = rest
    while len(data) < 5:
        more = control.recv(65536)
        if not more:
            posix._exit(0)  # the daemon is gone
        data = data + more if data else more
    length, kind = HEADER.unpack_from(data)
    end = 5 + length
    if len(data) == end:
        rest = b''
        return kind, data
    if len(data) > end:
        rest = data[end:]
        return kind, data[:end]
    rest = b''
    buffer = bytearray(end)
    have = len(data)
    buffer[:have] = data
    with memoryview(buffer) as view:
        while have < end:
            count = control.recv_into(view[have:])
            if not count:
                posix._exit(0)
            have += count
    return kind, buffer


def send(head, payload):
    with write_lock:
        if len(payload) < 65536:
            control.sendall(head + payload)
        else:
            control.sendall(head)
            control.sendall(payload)


def text_at(buffer, at):
    size, = U32.unpack_from(buffer, at)
    at += 4
    return str(buffer[at:at + size], 'utf-8', 'surrogateescape'), at + size


# Environment and credentials

def set_variable(name, value):
    os = sys.modules.get('os')
    if os is not None and hasattr(os, 'environ'):
        os.environ[name] = value
        return
    posix.environ[name.encode('utf-8', 'surrogateescape')] = value.encode('utf-8', 'surrogateescape')
    posix.putenv(name, value)


def replace_environment(pairs):
    for name in list(posix.environ):
        posix.unsetenv(name)
    posix.environ.clear()
    for name, value in pairs:
        set_variable(name, value)


def take_credentials(buffer, at, flags):
    values = []
    for _ in range(3):
        value, at = text_at(buffer, at)
        values.append(value)
    function.credentials = Credentials(*values)
    if flags & IN_ENVIRONMENT:
        for names, value in zip((('ALIBABA_CLOUD_ACCESS_KEY_ID', 'AWS_ACCESS_KEY_ID'),
                                 ('ALIBABA_CLOUD_ACCESS_KEY_SECRET', 'AWS_SECRET_ACCESS_KEY'),
                                 ('ALIBABA_CLOUD_SECURITY_TOKEN', 'AWS_SESSION_TOKEN')), values):
            for name in names:
                if name not in function.own_names:
                    set_variable(name, value)
    return at


# Errors and results

def source_line(path, number, cache):
    lines = cache.get(path)
    if lines is None:
        lines = []
        try:
            with open(path, 'rb') as file:
                lines = file.read(4 << 20).split(b'\n')
        except (OSError, ValueError):
            pass
        cache[path] = lines
    return lines[number - 1].strip().decode('utf-8', 'replace') if 0 < number <= len(lines) else ''


def error_body(error):
    """The documented error body; the same goes to the log in Python's own words."""
    from _json import encode_basestring_ascii as quote
    try:
        message = str(error)
    except Exception:
        message = '<the exception has no text>'
    frames = []
    cache = {}
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename != __file__ and not code.co_filename.startswith('<frozen importlib'):
            frames.append((code.co_filename, trace.tb_lineno, code.co_name))
        trace = trace.tb_next
    if len(frames) > 100:  # endless recursion: its ends tell enough
        frames[50:-50] = []
    stack = [(f'File "{path}"', f'line {line}', f'in {name}', source_line(path, line, cache))
             for path, line, name in frames]
    if isinstance(error, SyntaxError) and error.filename:
        stack.append((f'File "{error.filename}"', f'line {error.lineno}', 'in <module>', (error.text or '').strip()))
    log_error(type(error).__name__, message, stack)
    rows = ','.join('[' + ','.join(map(quote, row)) + ']' for row in stack)
    return (f'{{"errorMessage":{quote(message)},"errorType":{quote(type(error).__name__)},'
            f'"stackTrace":[{rows}]}}').encode('ascii')


def log_error(kind, message, stack):
    lines = [f'[ERROR] {kind}: {message}' if message else f'[ERROR] {kind}']
    if stack:
        lines.append('Traceback (most recent call last):')
    for path, line, name, source in stack:
        lines.append(f'  {path}, {line}, {name}')
        if source:
            lines.append('    ' + source)
    try:
        flush()
        sys.stderr.write('\n'.join(lines) + '\n')
    except Exception:  # the function closed or replaced it
        pass


def plain_error(kind, message):
    from _json import encode_basestring_ascii as quote
    return f'{{"errorMessage":{quote(message)},"errorType":{quote(kind)},"stackTrace":[]}}'.encode('ascii')


def refuse_unknown(value):
    raise TypeError(f'Object of type {type(value).__name__} is not JSON serializable')


def to_json(value):
    """As json.dumps, without the price of importing json."""
    from _json import encode_basestring_ascii, make_encoder
    encode = make_encoder({}, refuse_unknown, encode_basestring_ascii, None, ': ', ', ', False, False, True)
    return ''.join(encode(value, 0)).encode('ascii')


def to_bytes(value):
    if type(value) is bytes:
        return value
    if isinstance(value, str):
        return value.encode('utf-8')
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    return to_json(value)


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # the function closed or replaced it
            pass


# Calls

def leave(code):
    """What sys.exit in a handler means: the process ends, as any program would."""
    flush()
    if isinstance(code, str):
        sys.stderr.write(code + '\n')
        flush()
    posix._exit(0 if code is None else code & 255 if isinstance(code, int) else 1)


def answer(run, status, payload):
    if posix.getpid() != process:
        posix._exit(0)  # a child that a handler forked came back from it
    if len(payload) > RESULT_LIMIT:
        status = FAILED
        payload = plain_error('ResponseTooLarge',
                              f'response payload size exceeds maximum allowed size ({RESULT_LIMIT} bytes)')
    flush()
    send(ANSWER.pack(5 + len(payload), RESULT, run, status), payload)


def call(run, target, *arguments):
    try:
        result = target(*arguments)
        payload = to_bytes(result)
        status = SUCCEEDED
    except SystemExit as error:
        leave(error.code)
    except BaseException as error:
        payload = error_body(error)
        status = FAILED
    answer(run, status, payload)


def serve(run, request_id, target, *arguments):
    local.request_id = request_id
    call(run, target, *arguments)


def read_order(buffer):
    global last_request_id
    run, attempt, size, flags = ORDER.unpack_from(buffer, 5)
    at = 18 + size
    request_id = str(buffer[18:at], 'utf-8', 'replace')
    if flags & CREDENTIALS:
        at = take_credentials(buffer, at, flags)
    last_request_id = local.request_id = request_id
    context = Context(request_id, function.credentials if flags & IN_CONTEXT else NO_CREDENTIALS, attempt)
    return run, at, context


def invoke(buffer):
    run, at, context = read_order(buffer)
    event = buffer[at:] if type(buffer) is bytes else bytes(memoryview(buffer)[at:])
    if function.concurrency == 1:
        call(run, function.handler, event, context)
    else:
        _thread.start_new_thread(serve, (run, context.request_id, function.handler, event, context))


def hook(buffer):
    run, at, context = read_order(buffer)
    name, at = text_at(buffer, at)

    def run_hook():
        find(name)(context)
        return b''

    call(run, run_hook)


# Loading

class MissingHandler(Exception):
    pass


def find(handler):
    module_name, dot, name = handler.rpartition('.')
    if not dot or not module_name or not name:
        raise MissingHandler(f"Invalid handler '{handler}': it must have the form module.function")
    module_name = module_name.replace('/', '.')
    __import__(module_name)
    module = sys.modules[module_name]
    target = getattr(module, name, None)
    if target is None:
        raise MissingHandler(f"Handler '{name}' is missing on module '{module_name}'")
    if not callable(target):
        raise MissingHandler(f"Handler '{name}' on module '{module_name}' is not callable")
    return target


class LoggingHook:
    """Gives logging its documented form at the moment that somebody imports it."""

    def find_spec(self, name, path=None, target=None):
        if name != 'logging':
            return None
        sys.meta_path.remove(self)
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                self.loader = spec.loader
                spec.loader = self
                return spec
        return None

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self.loader
        self.loader.exec_module(module)
        configure_logging(module)


def configure_logging(logging):
    import time

    class Formatter(logging.Formatter):
        def format(self, record):
            stamp = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))
            text = record.getMessage()
            if record.exc_info:
                text += '\n' + self.formatException(record.exc_info)
            if record.stack_info:
                text += '\n' + self.formatStack(record.stack_info)
            request_id = getattr(local, 'request_id', last_request_id)
            return f'{stamp}.{int(record.msecs):03d}Z {request_id} [{record.levelname}] {text}'

    class Handler(logging.Handler):
        def emit(self, record):
            try:
                sys.stdout.write(self.format(record) + '\n')
            except Exception:
                self.handleError(record)

    handler = Handler()
    handler.setFormatter(Formatter())
    logging.root.addHandler(handler)
    logging.root.setLevel(logging.INFO)


def read_assignment(buffer):
    texts = []
    at = 17
    memory, timeout, function.concurrency = _struct.unpack_from('<III', buffer, 5)
    for _ in range(8):
        text, at = text_at(buffer, at)
        texts.append(text)
    handler, name, qualifier, version, function.region, function.account_id, project, store = texts
    function.parameters = Record(name=name, handler=handler, memory=memory, timeout=timeout, version_id=version,
                                 qualifier=qualifier)
    function.service = Record(name='', log_project=project, log_store=store, qualifier=qualifier, version_id=version)
    count, = U32.unpack_from(buffer, at)
    at += 4
    pairs = []
    for _ in range(count):
        key, at = text_at(buffer, at)
        value, at = text_at(buffer, at)
        pairs.append((key, value))
    function.own_names = {key for key, _ in pairs}
    flags = buffer[at]
    at += 1
    replace_environment(pairs)
    if flags & CREDENTIALS:
        take_credentials(buffer, at, flags)
    return handler, dict(pairs)


def prepare_paths(environment):
    """The order of the reference, 3.1; Debian's packages come last, since -S leaves them out."""
    version = f'python{sys.version_info[0]}.{sys.version_info[1]}'
    own = [path for path in environment.get('PYTHONPATH', '').split(':') if path]
    sys.path[:0] = [CODE, *own, '/opt/python', f'/opt/python/lib/{version}/site-packages']
    sys.path += [f'/usr/local/lib/{version}/dist-packages', '/usr/lib/python3/dist-packages']


def leave_as_builtin(code=None):
    raise SystemExit(code)


def load(buffer):
    handler, environment = read_assignment(buffer)
    prepare_paths(environment)
    import builtins
    builtins.exit = builtins.quit = leave_as_builtin  # site's work, which -S leaves out
    sys.meta_path.insert(0, LoggingHook())
    sys.dont_write_bytecode = True  # /code is read-only
    sys.argv[:] = ['']
    try:
        posix.chdir(CODE)
        function.handler = find(handler)
    except SystemExit as error:
        leave(error.code)
    except BaseException as error:
        body = error_body(error)
        flush()
        send(HEADER.pack(len(body), LOAD_FAILED), body)
        posix._exit(1)
    flush()
    send(HEADER.pack(0, LOADED), b'')


# Start

def dump_stacks_on_sigterm():
    """Returns the socket on which a byte makes the kernel send this process SIGTERM: the daemon has no other way in."""
    import faulthandler
    import fcntl
    faulthandler.register(15, file=2, all_threads=True)
    inner, outer = _socket.socketpair()
    fd = inner.detach()
    fcntl.fcntl(fd, fcntl.F_SETOWN, process)
    fcntl.fcntl(fd, 10, 15)  # F_SETSIG, SIGTERM
    fcntl.fcntl(fd, fcntl.F_SETFL, posix.O_NONBLOCK | 0o20000)  # O_ASYNC
    return outer


def main():
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding='utf-8', errors='backslashreplace', line_buffering=True)
    posix.set_inheritable(3, False)
    listener = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    listener.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
    listener.bind(('127.0.0.1', OBJECT_PORT))
    listener.listen(64)
    alarm = dump_stacks_on_sigterm()
    fds = _struct.pack('ii', listener.fileno(), alarm.fileno())
    control.sendmsg([HEADER.pack(0, READY)], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, fds)])
    listener.close()
    alarm.close()
    assigned = False
    while True:
        kind, buffer = next_frame()
        if kind == INVOKE and assigned:
            invoke(buffer)
        elif kind == HOOK and assigned:
            hook(buffer)
        elif kind == ASSIGN and not assigned:
            assigned = True
            load(buffer)
        else:
            posix._exit(2)


main()
