"""`pardot-mock exec`: unmodified programs with the service's hosts in them, and nothing else."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
COMMAND = [sys.executable, "-m", "pardot_mock"]
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT")
PYTHON = sys.executable
REFUSED = "is refused: this program runs offline (--allow example.com opens it)"


def environment(**more: str) -> dict[str, str]:
    return {**{name: os.environ[name] for name in KEPT if name in os.environ}, **more}


def execute(
    *arguments: str, cwd: Path | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=cwd,
        env=environment(**env),
    )


def needs(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed here")
    return found


@pytest.mark.parametrize(
    ("needed", "command"),
    [
        (PYTHON, f"{PYTHON} export_requests.py"),
        ("curl", "bash export_curl.sh"),
        ("node", "node export_node.mjs"),
        ("javac", "java ExportJava.java"),
        ("ruby", "ruby export_ruby.rb"),
        ("php", "php export_php.php"),
        ("go", "go run export_go.go"),
    ],
    ids=["python", "curl", "node", "java", "ruby", "php", "go"],
)
def test_a_program_with_hard_coded_hosts_completes_an_export(
    needed: str, command: str, tmp_path: Path
) -> None:
    needs(needed)
    if needed == "php" and "curl" not in subprocess.check_output(["php", "-m"], text=True):
        pytest.skip("php has no curl here")
    options = ("--scenario", "many-files", "--rows", "2000")
    words = [*command.split(), str(tmp_path / "out")]
    done = execute("exec", *options, "--", *words, cwd=EXAMPLES, POLL_SECONDS="0")
    assert done.returncode == 0, done.stdout + done.stderr
    files = list((tmp_path / "out").glob("*.csv"))
    assert len(files) > 1
    assert f"(login 1, create 1, read 1, download {len(files)})" in done.stderr
    for file in files:
        header, *rows = file.read_text().splitlines()
        assert header == "id,prospect_id,type_name,created_at"
        assert len(rows) > 0


def test_a_whole_export_has_the_rows_it_should(tmp_path: Path) -> None:
    script = tmp_path / "count.py"
    script.write_text(
        "import os, pathlib, subprocess, sys, requests\n"
        f"subprocess.run([sys.executable, {str(EXAMPLES / 'export_requests.py')!r}, 'out'],"
        " check=True)\n"
        "url = os.environ['PARDOT_MOCK_URL'] + '/_mock/accounts/default/exports/1001/truth'\n"
        "truth = requests.get(url, timeout=9).json()['rows']\n"
        "files = pathlib.Path('out').glob('*.csv')\n"
        "found = sum(len(f.read_text().splitlines()) - 1 for f in files)\n"
        "sys.exit(0 if truth == found > 0 else f'{found} of {truth} rows')\n"
    )
    options = ("--scenario", "single-file", "--quiet")
    done = execute("exec", *options, "--", PYTHON, str(script), cwd=tmp_path, POLL_SECONDS="0")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


ELSEWHERE = """
import sys, urllib.error, urllib.request, requests
for url in ("https://example.com/", "http://example.com/"):
    try:
        print(urllib.request.urlopen(url, timeout=9).read())
    except urllib.error.HTTPError as error:
        print(error.read().decode())
    except urllib.error.URLError as error:
        print(error.reason)
    try:
        print(requests.get(url, timeout=9).text)
    except requests.ConnectionError as error:
        print(error)
"""


def test_another_host_is_refused_with_a_clear_message() -> None:
    done = execute("exec", "--", PYTHON, "-c", ELSEWHERE)
    assert done.stdout.count(REFUSED) == 2
    assert done.stdout.count("Refused by pardot-mock: offline, see --allow example.com") == 2
    assert f"pardot-mock: example.com:443 {REFUSED}\n" in done.stderr
    assert done.stderr.endswith("; refused hosts: example.com 4\n")


AUDITED = f"""
import sys
seen = []
def note(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        seen.append(f"to {{arguments[1][0]}}")
    elif event.startswith("socket.get") and event != "socket.gethostname":
        host = arguments[0][0] if isinstance(arguments[0], tuple) else arguments[0]
        seen.append(f"name of {{host}}")
sys.addaudithook(note)
from pardot_mock.cli import main
try:
    main(["exec", "--", sys.executable, "-c", {ELSEWHERE!r}])
finally:
    print(sorted({{str(host) for host in seen}}))
"""


def test_the_emulator_connects_to_nothing_but_loopback_and_asks_for_no_name() -> None:
    done = subprocess.run(
        [PYTHON, "-c", AUDITED],
        capture_output=True, text=True, check=True, timeout=60, env=environment(),
    )  # fmt: skip
    assert "refused hosts: example.com 4" in done.stderr
    # An address is looked up like a name, but nobody has to be asked for it.
    assert done.stdout.endswith("\n['name of 0.0.0.0', 'name of 127.0.0.1', 'to 127.0.0.1']\n")


def test_curl_is_refused_elsewhere() -> None:
    done = execute("exec", "--", needs("curl"), "-sS", "https://example.com/")
    assert done.returncode != 0
    assert "403" in done.stderr
    assert REFUSED in done.stderr


def test_node_is_refused_elsewhere_whatever_library_connects() -> None:
    script = """
        const tell = (error) => console.log((error.cause ?? error).message);
        const listen = (request) => request.on("error", tell);
        fetch("https://example.com/").catch(tell);
        listen(require("https").get("https://example.com/"));
        listen(require("net").connect(80, "example.com"));
        listen(require("tls").connect({ host: "example.com", port: 443 }));
    """
    # Without it, every release of Node takes the way that has no proxy.
    done = execute("exec", "--", "env", "-u", "NODE_USE_ENV_PROXY", needs("node"), "-e", script)
    assert done.stdout.count(REFUSED) == 4, done.stdout + done.stderr


def test_what_node_was_told_before_is_kept() -> None:
    script = "console.log(process.execArgv.length, process.env.NODE_OPTIONS)"
    arguments = ("exec", "--", needs("node"), "-e", script)
    done = execute(*arguments, NODE_OPTIONS="--max-http-header-size=9999")
    assert "--max-http-header-size=9999 --require " in done.stdout


def test_the_exit_code_is_that_of_the_command() -> None:
    assert execute("exec", "--", PYTHON, "-c", "raise SystemExit(41)").returncode == 41


def test_a_command_that_cannot_be_started_is_127_and_named() -> None:
    done = execute("exec", "--", "no-such-program-here")
    assert done.returncode == 127
    assert "cannot start no-such-program-here: No such file" in done.stderr


SIGNALLED = r"""
import signal, sys, os, pathlib
def end(number, frame):
    os.write(1, b"got %d\n" % number)
    sys.exit(7)
signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGINT, end)
print(os.environ["PARDOT_MOCK_CA"], flush=True)
signal.pause()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_reach_the_command_and_everything_is_cleaned_up(
    number: signal.Signals, tmp_path: Path
) -> None:
    running = subprocess.Popen(
        [*COMMAND, "exec", "--", PYTHON, "-c", SIGNALLED],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(TMPDIR=str(tmp_path)),
        start_new_session=True,
    )
    assert running.stdout is not None
    try:
        bundle = Path(running.stdout.readline().strip())
        assert "BEGIN CERTIFICATE" in bundle.read_text()
        running.send_signal(number)
        out, _ = running.communicate(timeout=30)
    finally:
        if running.poll() is None:
            # The session is the test's own: this ends the command and what it runs.
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()
    assert out == f"got {number:d}\n"
    assert running.returncode == 7
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_command_that_a_signal_ends_is_128_and_its_number() -> None:
    script = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert execute("exec", "--", PYTHON, "-c", script).returncode == 128 + signal.SIGKILL


def test_only_our_authority_is_trusted_unless_a_host_is_opened() -> None:
    closed = execute("exec", "--quiet", "--", *COMMAND, "ca")
    opened = execute("exec", "--quiet", "--allow", "example.com", "--", *COMMAND, "ca")
    assert closed.stdout.count("BEGIN CERTIFICATE") == 1
    assert opened.stdout.count("BEGIN CERTIFICATE") > 50


def test_a_shell_inside_can_print_all_it_was_given() -> None:
    done = execute("exec", "--quiet", "--", *COMMAND, "env")
    known = dict(line.removeprefix("export ").split("=", 1) for line in done.stdout.splitlines())
    assert known["PARDOT_EMAIL"] == "demo@example.com"
    assert known["PARDOT_BASE_URL"] == known["PARDOT_MOCK_URL"]
    assert known["HTTPS_PROXY"] == known["http_proxy"] != known["PARDOT_MOCK_URL"]
    assert known["SSL_CERT_FILE"] == known["NODE_EXTRA_CA_CERTS"]
    assert known["NO_PROXY"] == "localhost,127.0.0.1,::1"


def test_the_variables_of_a_running_emulator_are_read_by_a_shell() -> None:
    script = 'unset PARDOT_EMAIL HTTPS_PROXY PARDOT_MOCK_DROPIN; eval "$("$0" -m pardot_mock env)"'
    check = 'echo "$PARDOT_EMAIL ${HTTPS_PROXY-none} $PARDOT_CLIENT_ID"'
    done = execute("exec", "--quiet", "--", "bash", "-c", f"{script}; {check}", PYTHON)
    assert done.stdout == "demo@example.com none demo-client\n", done.stderr


def test_no_emulator_is_said() -> None:
    unreachable = execute("env", "--url", "http://127.0.0.1:1")
    assert (unreachable.returncode, unreachable.stdout) == (4, "")
    assert "no emulator answers" in unreachable.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("exec",), "Missing argument 'COMMAND"),
        (("exec", "--allow", "pi.pardot.com", "--", "true"), "cannot be opened"),
        (("exec", "--clock", "odd", "--", "true"), "'odd'"),
    ],
)
def test_wrong_usage_of_exec_exits_2_and_says_why(arguments: tuple[str, ...], says: str) -> None:
    done = execute(*arguments)
    assert done.returncode == 2
    assert says in done.stderr


def test_a_port_that_serve_was_told_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "pardot-mock.toml").write_text('port = 1\nallow = ["example.com"]\n')
    done = execute("exec", "--quiet", "--", *COMMAND, "env", cwd=tmp_path, PARDOT_MOCK_PORT="1")
    assert done.returncode == 0, done.stderr
    assert "127.0.0.1:1\n" not in done.stdout
    assert '"allowed": ["example.com"]' in done.stdout


COUPLED = """
import asyncio, os, time
from tests.integration.polling_client import PollingClient, side_by_side, whole_story

names = ("email", "password", "user_key")
keys = {name: os.environ[f"PARDOT_{name.upper()}"] for name in names}
client = PollingClient(os.environ["PARDOT_BASE_URL"], keys)
began, wall = time.monotonic(), time.time()
print(whole_story(client))
print(round((time.monotonic() - began) / 60), round((time.time() - wall) / 60))
print([round(woke) for woke in asyncio.run(side_by_side([3600, 60]))])
client.close()
"""


def test_a_program_that_sleeps_through_days_takes_no_time_and_polls_as_at_wall_speed(
    tmp_path: Path,
) -> None:
    scenario = tmp_path / "slow.toml"
    scenario.write_text('[[plan]]\nkind = "timed"\nwait = 0\nwork = "90m"\n')
    options = ("--scenario", str(scenario), "--rows", "300", "--now", "2026-03-10T12:00:00Z")
    done = execute(
        "exec", "--clock", "frozen", "--couple-sleep", *options, "--", PYTHON, "-c", COUPLED,
        cwd=ROOT,
    )  # fmt: skip
    week = 7 * 24 * 60
    assert done.stdout.splitlines() == [
        "[False, True]",
        f"{week + 90} {week + 90}",
        "[3600, 60]",
    ], done.stderr
    # Ninety minutes are 91 looks, two of them after the key has expired, and two come at the ends.
    calls = "99 API calls (login 3, create 1, read 95); 2 answered with an error"
    assert done.stderr == f"pardot-mock: {calls}\n"
