# SPDX-License-Identifier: GPL-2.0-or-later
"""sos_reports/sos.html in a real browser: what it shows, that it asks for nothing, and that text stays text."""

import json
import re
import time
import urllib.parse

import pytest

from browser import Browser
from conftest import ROOT, run_program
from damage import ElfCopy, Kernel

PAGE = "sos_reports/sos.html"
MAX = 1 << 20


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """One browser for all: it takes seconds to start."""
    browser = Browser(tmp_path_factory.mktemp("browser") / "profile")
    yield browser
    browser.close()


def build_tree(dump, directory, *options):
    """The report as a folder."""
    directory.mkdir(exist_ok=True)
    result = run_program("--vmcore", dump, "--tmp-dir", directory, "--batch", "--build", *options)
    (root,) = directory.iterdir()
    return root, result


@pytest.fixture(scope="session")
def tree(guests, tmp_path_factory):
    return build_tree(guests("default").vmcore, tmp_path_factory.mktemp("page"))


@pytest.fixture
def page(tree, browser):
    """The page of the default report, loaded anew: (root, browser)."""
    browser.view(1280, 800)
    browser.open((tree[0] / PAGE).as_uri())
    return tree[0], browser


def data_of(html):
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.S).group(1)
    assert "<" not in found
    return json.loads(found)


def words(text):
    return " ".join(text.split())


def text_of(browser, selector):
    return browser.run("return document.querySelector(arguments[0]).innerText", selector)


def test_it_is_one_file_and_asks_for_nothing(page):
    root, browser = page
    assert browser.console() == []
    assert browser.requests() == [(root / PAGE).as_uri()]
    assert browser.run("return performance.getEntriesByType('resource').length") == 0
    html = (root / PAGE).read_text()
    assert len(html.encode()) < 300_000
    assert "default-src 'none'" in html and "unsafe" not in html
    # The policy is in force: nothing gets out, and no code gets in.
    escaped = browser.run(
        """const script = document.createElement('script');
        script.textContent = 'window.broken = 1';
        document.body.append(script);
        return fetch('http://127.0.0.1:9/').then(() => 'out', () => window.broken ? 'in' : 'no');"""
    )
    assert escaped == "no"
    assert all("Content Security Policy" in line for line in browser.console())


def test_the_answer_is_in_the_first_screenful(page, tree):
    root, browser = page
    headline = words(text_of(browser, ".headline"))
    terminal = words(tree[1].stdout)
    assert headline and "What happened: " + headline in terminal
    panic = json.loads((root / "plugins/panic_summary/panic.json").read_text())
    tasks = json.loads((root / "plugins/tasks/tasks.json").read_text())
    frames = browser.run("return [...document.querySelectorAll('#panic .stack li')].map((x) => x.textContent)")
    assert frames == [("? " if f["kind"] == "unreliable" else "") + f["symbol"] for f in panic["stack"]]
    assert browser.run("return document.querySelector('.origin').textContent").startswith("sysrq_handle_crash+")
    facts = browser.run(
        """return Object.fromEntries([...document.querySelectorAll('#fact-list div')]
        .map((x) => [x.firstChild.textContent, x.lastChild.textContent.replaceAll('\\u00a0', ' ')]))"""
    )
    blocked = sum(t["state"] == "D" for t in tasks)
    assert facts["Kernel"] == panic["release"]
    assert facts["Blocked"] == f"{blocked} tasks in state D of {len(tasks)}"
    assert facts["Task"] == f"{panic['task']['comm']} (pid {panic['task']['pid']}), CPU {panic['cpu']}"
    assert facts["Load"].startswith(", ".join((root / "proc/loadavg").read_text().split()[:3]))
    assert re.fullmatch(r"[\d.]+ [MG]iB available of [\d.]+ [MG]iB \(\d+(\.\d)? %\).*", facts["Memory"])
    taints = json.loads((root / "plugins/kernel_info/taints.json").read_text())["flags"]
    assert [t["letter"] for t in taints] == re.findall(r"\b([A-Z]) \(", facts["Tainted"])
    # All of it, down to the end of the stack, on a laptop's screen.
    ends = browser.run(
        "return ['#fact-list', '#panic .stack'].map((x) => document.querySelector(x).getBoundingClientRect().bottom)"
    )
    assert max(ends) <= 800


def test_sections_say_what_the_files_say(page):
    root, browser = page
    tasks = json.loads((root / "plugins/tasks/tasks.json").read_text())
    shown = browser.run("return document.querySelector('#blocked').textContent")
    for task in tasks:
        if task["state"] == "D":
            assert f"{task['comm']} (pid {task['pid']})" in shown
    groups = json.loads((root / "plugins/stacks/stacks.json").read_text())
    stacks = browser.run(
        """return [...document.querySelectorAll('#blocked .stack')]
        .map((x) => [...x.children].map((y) => y.textContent))"""
    )
    ours = [g["frames"] for g in groups if any(t["state"] == "D" for t in g["tasks"])]
    assert sorted(stacks) == sorted(ours)
    meminfo = {k: int(v) for k, v in re.findall(r"^(\S+): +(\d+) kB", (root / "proc/meminfo").read_text(), re.M)}
    shares = browser.run(
        """return [...document.querySelectorAll('#memory tbody tr')]
        .map((x) => [x.querySelector('th').title, parseFloat(x.lastChild.textContent)])"""
    )
    shares = dict(shares)
    assert abs(shares["AnonPages"] - 100 * meminfo["AnonPages"] / meminfo["MemTotal"]) < 1
    assert abs(shares["MemFree"] - 100 * meminfo["MemFree"] / meminfo["MemTotal"]) < 1
    assert abs(sum(shares.values()) - 100) < 4
    overview = json.loads((root / "plugins/overview/overview.json").read_text())
    debug = (root / "sys/kernel/debug/sched/debug").read_text(errors="replace")
    running = [int(x) for x in re.findall(r"^cpu#\d+.*\n  \.nr_running +: (\d+)", debug, re.M)]
    assert [c["running"] for c in overview["cpus"]] == running
    assert browser.run("return document.querySelectorAll('#cpus tbody tr').length") == len(running)
    log = browser.run("return document.querySelector('#log pre').textContent")
    assert log in (root / "sos_commands/kernel/dmesg").read_text(errors="replace") and "Kernel panic - not syncing" in log
    pictures = browser.run(
        "return [...document.querySelectorAll('svg')].map((x) => x.getAttribute('aria-label') || x.getAttribute('aria-hidden'))"
    )
    assert len(pictures) > 5 and all(pictures)


def listed(data):
    shapes = [shape.split("/") for shape in data["shapes"]]
    pairs = zip(data["folders"][::2], data["folders"][1::2])
    return [(f"{folder}/" if folder else "") + name for folder, shape in pairs for name in shapes[shape]]


def test_every_file_is_listed_and_every_link_leads_to_one(page):
    root, browser = page
    here = {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file() and not p.is_symlink()}
    paths = listed(data_of((root / PAGE).read_text()))
    assert sorted(paths) == sorted(here - {PAGE})
    # Open every folder, and show every list to its end.
    links = browser.run(
        """return (async () => {
            for (let before = -1; ;) {
                for (const x of document.querySelectorAll('details:not([open])'))
                    x.open = true;
                await new Promise((done) => setTimeout(done, 50));
                for (const x of document.querySelectorAll('button:not([hidden])'))
                    x.click();
                const now = document.links.length;
                if (now === before)
                    break;
                before = now;
            }
            return [...document.links].map((x) => x.getAttribute('href'));
        })()"""
    )
    assert len(links) > len(here)
    dead = [x for x in set(links) if not x.startswith("#")
            and not (root / "sos_reports" / urllib.parse.unquote(x)).is_file()]
    assert not dead
    anchors = {x[1:] for x in links if x.startswith("#")}
    assert browser.run("return arguments[0].filter((x) => !document.getElementById(x))", list(anchors)) == []
    assert {urllib.parse.unquote(x)[3:] for x in links if x.startswith("../")} == here - {PAGE}


SEARCH = """return (async (text, status) => {
    const input = document.getElementById('search'), select = document.getElementById('status');
    input.value = text;
    select.value = status;
    input.dispatchEvent(new Event('input'));
    await new Promise((done) => setTimeout(done, 300));
    return [document.querySelector('#files [role=status]').textContent,
        [...document.querySelectorAll('#hits li')].map((x) => x.textContent)];
})(...arguments)"""


def test_search(page):
    root, browser = page
    said, hits = browser.run(SEARCH, "MEMinfo", "")
    assert said == "1 file" and hits == ["proc/meminfo"]
    said, hits = browser.run(SEARCH, "no-such-file-anywhere", "")
    assert "No file" in said and hits == []
    # More than a screen takes comes a part at a time; all words must be there.
    count = len(list(root.glob("proc/[0-9]*/status")))
    said, hits = browser.run(SEARCH, "status proc/", "")
    assert int(said.split()[0].replace(",", "")) >= count > 100 and len(hits) <= 200
    manifest = json.loads((root / "sos_reports/manifest.json").read_text())
    files = [f for p in manifest["components"]["report"]["plugins"].values() for f in p["files"]]
    for status in ("omitted", "partial"):
        said, hits = browser.run(SEARCH, "", status)
        wanted = [f for f in files if f["status"] == status]
        assert said.split()[0].replace(",", "") == str(len(wanted))
        assert len(hits) == min(200, len(wanted))
    reasons = {f["reason"] for f in files if f["status"] != "ok"}
    missing = browser.run("return [...document.querySelectorAll('#missing .missing td:last-child')].map((x) => x.textContent)")
    assert missing and all(re.sub(r"^for example: | \(\d+ rows? dropped\)$", "", x) in reasons for x in missing)
    browser.run(SEARCH, "", "")
    assert browser.run("return document.querySelector('.tree').offsetHeight > 0")


CONTRAST = """
    const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
    const light = (c) => c.slice(0, 3).map((v) => v / 255)
        .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (x) => {
        for (; x; x = x.parentElement) {
            const color = rgb(getComputedStyle(x).backgroundColor);
            if (color.length < 4 || color[3] > 0)
                return color;
        }
        return [255, 255, 255];
    };
    const poor = [];
    for (const x of document.querySelectorAll('body *')) {
        const said = [...x.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
        if (!said || x.closest('svg, script, noscript, .skip') || !x.offsetHeight)
            continue;
        const pair = [light(rgb(getComputedStyle(x).color)), light(behind(x))].sort((a, b) => b - a);
        if ((pair[0] + 0.05) / (pair[1] + 0.05) < 4.5)
            poor.push(x.outerHTML.slice(0, 100));
    }
    return poor;"""


def test_it_can_be_read_by_everyone(page):
    _, browser = page
    facts = browser.run(
        """const $ = (x) => document.querySelectorAll(x);
        return {lang: document.documentElement.lang, title: document.title, h1: $('h1').length,
            landmarks: ['header', 'nav', 'main', 'footer'].map((x) => $(x).length),
            named: [...$('section:not([hidden])')].every((x) => document.getElementById(x.getAttribute('aria-labelledby'))),
            heads: [...$('th')].every((x) => x.scope), labels: [...$('input, select')].every((x) => x.getAttribute('aria-label')),
            ids: [...$('[id]')].map((x) => x.id)}"""
    )
    assert facts["lang"] == "en" and "crashbox" in facts["title"] and facts["h1"] == 1
    assert facts["landmarks"] == [1, 1, 1, 1]
    assert facts["named"] and facts["heads"] and facts["labels"]
    assert len(facts["ids"]) == len(set(facts["ids"]))
    colors = []
    for dark in (False, True):
        browser.view(1280, 800, dark=dark)
        assert browser.run(CONTRAST) == []
        colors.append(browser.run("return getComputedStyle(document.body).backgroundColor"))
    assert colors == ["rgb(255, 255, 255)", "rgb(20, 23, 27)"]
    # Everything that acts can be reached by the keyboard.
    reached = browser.run(
        """return [...document.querySelectorAll('a, button, input, select, summary, pre')]
        .filter((x) => x.offsetHeight && x.tabIndex < 0).length"""
    )
    assert reached == 0


def test_on_a_phone_and_on_paper(page):
    _, browser = page
    browser.view(390, 844)
    width = browser.run("return [document.documentElement.scrollWidth, innerWidth]")
    assert width == [390, 390]
    # What wraps is only the log.
    wide = browser.run(
        """return [...document.querySelectorAll('main *')].filter((x) => x.getBoundingClientRect().right > 391
        && !x.closest('pre, .wide, svg')).map((x) => x.outerHTML.slice(0, 80))"""
    )
    assert wide == []
    browser.view(800, 1100, media="print")
    hidden = browser.run("return ['#nav', '.search', '.tree'].every((x) => !document.querySelector(x).offsetHeight)")
    assert hidden and browser.run("return document.querySelector('#panic .stack').offsetHeight > 50")
    browser.view(1280, 800)
    pdf = browser.pdf()
    assert pdf.startswith(b"%PDF") and 10_000 < len(pdf) < 3_000_000


def test_without_scripts_the_summary_is_there(tree, browser):
    root, _ = tree
    browser.devtools("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open((root / PAGE).as_uri())
        said = browser.devtools("Runtime.evaluate", expression="document.body.innerText")["result"]["value"]
    finally:
        browser.devtools("Emulation.setScriptExecutionDisabled", value=False)
    assert words((root / "plugins/panic_summary/summary.txt").read_text()) in words(said)
    assert "crashbox" in said and "JavaScript" in said


def test_the_same_dump_gives_the_same_page(guests, tmp_path, tree):
    again, _ = build_tree(guests("default").vmcore, tmp_path / "again", "--label", "other", "-t", "1")
    assert (again / PAGE).read_bytes() == (tree[0] / PAGE).read_bytes()


def test_a_report_of_a_few_plugins_has_a_page_too(guests, tmp_path, browser):
    for plugins in ("dmesg", "overview", "vmcore_sysfs,tasks"):
        root, _ = build_tree(guests("default").vmcore, tmp_path / plugins, "--only-plugins", plugins)
        browser.open((root / PAGE).as_uri())
        assert browser.console() == []
        assert "not specified" in text_of(browser, "#missing")
        hrefs = browser.run("return [...document.links].map((x) => x.getAttribute('href')).filter((x) => x[0] !== '#')")
        assert all((root / "sos_reports" / urllib.parse.unquote(x)).is_file() for x in hrefs)


# ---- Hostile content ----

EVIL_HOST = b'</script><script>document.title="x"</script>&\'\xff\xe2\x80\xae'
EVIL_NAME = b'"\'&<svg/onload>'
EVIL_PANIC = b'<b>"\'&\xe2\x80\xa8\x01\xff</title>xy'


@pytest.fixture(scope="module")
def evil_tree(guests, tree, tmp_path_factory):
    """A dump whose nodename, panic message and names of tasks are somebody's attempt."""
    guest = guests("default")
    folder = tmp_path_factory.mktemp("evil")
    copy = ElfCopy(guest.path / "vmcore.elf", folder / "vmcore")
    kernel = Kernel(guest.path / "vmcore.elf")
    name = kernel.offset("struct uts_namespace", "name") + kernel.offset("struct new_utsname", "nodename")
    copy.patch(kernel.phys(kernel.addr("init_uts_ns") + name), EVIL_HOST + b"\0")
    tasks = json.loads((tree[0] / "plugins/tasks/tasks.json").read_text())
    agent = json.loads((tree[0] / "plugins/panic_summary/panic.json").read_text())["task"]
    names = {t["comm"] for t in tasks if t["state"] == "D"} | {agent["comm"]}
    said = b"Kernel panic - not syncing: sysrq triggered crash"
    swaps = [(said, said[:-21] + EVIL_PANIC)]
    swaps += [(name.encode().ljust(16, b"\0"), EVIL_NAME + b"\0") for name in names]
    data = copy.path.read_bytes()
    for old, new in swaps:
        places = [m.start() for m in re.finditer(re.escape(old), data)]
        assert places and len(old) == len(new), old
        for place in places:
            copy.file.seek(place)
            copy.file.write(new)
    copy.file.close()
    root, _ = build_tree(copy.path, folder / "out")
    copy.path.unlink()
    return root


def test_hostile_names_stay_text(evil_tree, browser):
    root = evil_tree
    html = (root / PAGE).read_bytes()
    assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", html) and len(html) < MAX
    html = html.decode()
    assert not re.search("[\u2028\u2029\u202a-\u202e\u2066-\u2069]", html)
    assert html.lower().count("<script") == 2 and html.lower().count("</script") == 2
    browser.view(1280, 800)
    browser.open((root / PAGE).as_uri())
    assert browser.console() == []
    assert browser.requests() == [(root / PAGE).as_uri()]
    found = browser.run(
        """return {scripts: document.scripts.length, strange: document.querySelectorAll('b[onload], svg[onload], title b, svg:not([role], [aria-hidden])').length,
            title: document.title, h1: document.querySelector('h1').textContent, headline: document.querySelector('.headline').textContent,
            facts: document.getElementById('fact-list').textContent, blocked: document.querySelector('#blocked').textContent}"""
    )
    assert found["scripts"] == 2 and found["strange"] == 0
    host = '</script><script>document.title="x"</script>&\'\\xff'
    assert found["h1"].startswith(host) and found["title"].startswith(host)
    assert '<b>"\'&' in found["headline"] and "\\x01\\xff</title>xy" in found["headline"]
    assert "\"'&<svg/onload> (pid " in found["facts"] and "\"'&<svg/onload> (pid " in found["blocked"]


def test_a_worker_that_sends_nonsense_costs_its_part(tree, browser, tmp_path):
    """The page's script meets JSON of any shape where the overview should be."""
    html = (tree[0] / PAGE).read_text()
    good = data_of(html)
    path = tmp_path / "sos_reports" / "sos.html"
    path.parent.mkdir()
    for evil in (
        "", "null", "[]", "7", '"text"', '{"panic":7,"tasks":[],"cpus":{}}', '{"__proto__":{"x":1},"panic":{"stack":{}}}',
        '{"tasks":{"total":1,"blocked_total":1,"blocked":[{"stack":1e9}],"stacks":[]}}', '{"cpus":[null,7],"cpus_total":"<b>"}',
        '{"panic":{"cpu":"<img src=x>","comm":{},"pid":[],"stack":{"frames":["<img src=x>",7,null],"origin":-1}}}',
    ):
        data = json.loads(json.dumps(good))
        data["parts"]["plugins/overview/overview.json"] = evil
        at = html.index('id="data">') + len('id="data">')
        end = html.index("</script>", at)
        path.write_text(html[:at] + json.dumps(data).replace("<", "\\u003c") + html[end:])
        browser.open(path.as_uri())
        assert browser.console() == [], evil
        assert browser.run("return document.querySelectorAll('img, main b b').length") == 0
        # The rest is drawn.
        assert browser.run("return !document.getElementById('memory').hidden && !document.getElementById('files').hidden")
        assert browser.run("return !document.getElementById('nav').hidden")


# ---- Size ----


def test_200000_files(tree, browser, tmp_path):
    """The template with the data of a report as large as that (tests/unit/test_page.c makes one from the C side)."""
    html = (tree[0] / PAGE).read_text()
    data = data_of(html)
    shapes = data["shapes"] + ["/".join(f"file-{i}" for i in range(25))]
    data["shapes"] = shapes
    data["folders"] = data["folders"] + [x for pid in range(200000, 208000) for x in (f"proc/{pid}", len(shapes) - 1)]
    begin = html.index('id="data">') + len('id="data">')
    end = html.index("</script>", begin)
    large = html[:begin] + json.dumps(data, separators=(",", ":")).replace("<", "\\u003c") + html[end:]
    assert len(large) < MAX
    path = tmp_path / "sos_reports" / "sos.html"
    path.parent.mkdir()
    path.write_text(large)
    before = time.monotonic()
    browser.open(path.as_uri())
    assert time.monotonic() - before < 20
    assert browser.console() == []
    # Nothing is drawn before it is asked for, and then a part at a time.
    assert browser.run("return document.querySelectorAll('*').length") < 3000
    said, hits = browser.run(SEARCH, "207999/file-7", "")
    assert hits == ["proc/207999/file-7"]
    said, hits = browser.run(SEARCH, "proc/20", "")
    assert int(said.split()[0].replace(",", "")) >= 200000 and len(hits) == 200


def test_the_template_has_no_other_places():
    """Nothing of the page's own leads anywhere."""
    for path in (ROOT / "src/archive/page").iterdir():
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|//\w+\.\w|@import|url\(|innerHTML|insertAdjacentHTML|eval\(|document\.write", text), path
