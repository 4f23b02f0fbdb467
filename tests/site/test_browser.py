"""A reader with a browser finds her way: pages, search, pictures, wide and narrow."""

import functools
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests import ROOT

SITE = ROOT / "build" / "docs"
SHOTS = ROOT / "build" / "screenshots"
WIDE, NARROW = (1280, 900), (420, 800)
KINDS = ["Tutorial", "How to", "Explanation", "Reference"]
# what someone looks for, and the links that she clicks from the start page
CLICKS = {
    "how to guard a function": (["Guard a function"], "@cow.no_mutate"),
    "why row *= 2 does not change a": (["Arrays as values"], "row *= 2"),
    "what ChainedAssignmentError wants": (["Exceptions"], "a[0, 1] = 5"),
    "what it costs": (["What it costs"], "times what it takes with NumPy"),
    "whether a package works": (["Other packages"], "scikit-image"),
    "what compiled code takes": (["compiled code"], "OpenCV"),
    "a package by its tests": (["tests of SciPy, scikit"], "scipy.ndimage"),
    "how to install": (["somebody else"], "pip install cowarray"),
    "the names by topic": (["Reference", "Guard functions"], "cow.register_container"),
}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address():
    assert (SITE / "index.html").exists(), "make docs builds the site"
    handler = functools.partial(Quiet, directory=SITE)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser():
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert chromium and driver, "apt-get install chromium chromium-driver"
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for option in ("--headless=new", "--no-sandbox", "--disable-gpu", "--lang=en"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=driver)
    browser = webdriver.Chrome(options=options, service=service)
    yield browser
    browser.quit()


@pytest.fixture(params=[WIDE, NARROW], ids=["wide", "narrow"])
def reader(browser, address, request):
    """Open a page in a window of this size, and keep what it looks like."""
    # headless windows have a least width: the size of the page is set instead
    width, height = request.param
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1}
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {**metrics, "mobile": False}
    )
    browser.get_log("browser")

    def open_page(path, dark=False):
        browser.get(f"{address}/{path}")
        mode = "dark" if dark else "light"
        browser.execute_script(
            "document.documentElement.dataset.theme = arguments[0]", mode
        )
        SHOTS.mkdir(parents=True, exist_ok=True)
        name = path.partition(".")[0].replace("/", "-")
        name = f"{name}-{width}-{mode}.png"
        browser.save_screenshot(str(SHOTS / name))
        return browser

    yield open_page
    # a missing file, or an error of a script
    errors = [e for e in browser.get_log("browser") if e["level"] == "SEVERE"]
    assert not [e for e in errors if "favicon" not in e["message"]]


PAGES = [
    *("index", "tutorial", "tour", "howto", "values", "costs", "explanations"),
    *("reference", "reference/arrays", "reference/exceptions", "howto/guard"),
]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_page_fits_the_screen_and_has_its_pictures(reader, page, dark):
    browser = reader(f"{page}.html", dark)
    assert browser.find_element(By.TAG_NAME, "h1").is_displayed()
    # tables and code scroll by themselves, the page never to the side
    script = "const e = document.documentElement; return [e.scrollWidth, e.clientWidth]"
    content, screen = browser.execute_script(script)
    assert content <= screen + 1
    for picture in browser.find_elements(By.CSS_SELECTOR, "article img"):
        browser.execute_script("arguments[0].scrollIntoView()", picture)
        WebDriverWait(browser, 5).until(
            lambda _, picture=picture: picture.get_property("naturalWidth")
        )
        assert picture.size["width"] > 100
        assert picture.get_attribute("alt")


def test_pictures_are_where_they_are_told_of(reader):
    found = reader("values.html").find_elements(By.CSS_SELECTOR, "article img.drawing")
    assert len(found) >= 5
    drawn = reader("tour.html").find_elements(By.CSS_SELECTOR, "article svg[role=img]")
    assert len(drawn) >= 4
    assert all(each.size["width"] > 200 for each in drawn)
    tables = reader("tour.html").find_elements(By.CSS_SELECTOR, "div.output table")
    assert len(tables) >= 2


def follow(browser, text):
    """Click the link with this text, in the article or the navigation."""
    found = browser.find_elements(By.PARTIAL_LINK_TEXT, text)
    link = next((each for each in found if each.is_displayed()), None)
    assert link is not None, f"no link {text!r} on {browser.current_url}"
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", link)
    browser.execute_script("arguments[0].click()", link)


@pytest.mark.parametrize("wanted", CLICKS)
def test_found_in_three_clicks(reader, wanted):
    clicks, text = CLICKS[wanted]
    assert len(clicks) <= 3
    browser = reader("index.html")
    for click in clicks:
        follow(browser, click)
    assert text in browser.find_element(By.TAG_NAME, "article").text


def test_navigation_leads_to_the_four_kinds_and_back(browser, reader):
    reader("index.html")
    narrow = browser.execute_script("return innerWidth") < 800
    for kind in KINDS:
        if narrow:
            toggle = browser.find_element(By.CSS_SELECTOR, "button.primary-toggle")
            toggle.click()
            dialog = "dialog .navbar-nav a, .bd-sidebar-primary .navbar-nav a"
        else:
            dialog = "header .navbar-nav a"
        WebDriverWait(browser, 5).until(
            lambda b, css=dialog: any(
                e.is_displayed() for e in b.find_elements(By.CSS_SELECTOR, css)
            )
        )
        links = browser.find_elements(By.CSS_SELECTOR, dialog)
        shown = [each for each in links if each.is_displayed()]
        assert [each.text.strip() for each in shown][:4] == KINDS
        next(each for each in shown if each.text.strip() == kind).click()
        heading = browser.find_element(By.TAG_NAME, "h1").text
        assert heading.startswith(kind)
        browser.find_element(By.CSS_SELECTOR, "header .navbar-brand").click()
        assert browser.current_url.endswith("/index.html")


@pytest.mark.parametrize(
    "words, page",
    [
        ("safe_modify", "reference/changing.html"),
        ("ChainedAssignmentError", "reference/exceptions.html"),
        ("COW_POOL", "reference/environment.html"),
        ("shuffle", "howto/shuffle.html"),
        ("loadtxt", "reference/arrays.html"),
    ],
)
def test_search_finds(reader, words, page):
    browser = reader(f"search.html?q={words}")

    def found(browser):
        results = browser.find_elements(By.CSS_SELECTOR, "#search-results li a")
        return [each.get_attribute("href") for each in results]

    WebDriverWait(browser, 15).until(lambda b: any(page in f for f in found(b)))


def test_search_field_of_the_page_is_used(browser, reader):
    reader("index.html")
    buttons = browser.find_elements(By.CSS_SELECTOR, "button.search-button__button")
    next(each for each in buttons if each.is_displayed()).click()
    field = WebDriverWait(browser, 5).until(
        lambda b: next(
            (
                each
                for each in b.find_elements(By.CSS_SELECTOR, "input[name=q]")
                if each.is_displayed()
            ),
            None,
        )
    )
    field.send_keys("no_mutate\n")
    WebDriverWait(browser, 15).until(
        lambda b: b.find_elements(By.CSS_SELECTOR, "#search-results li a")
    )
    assert "search.html" in browser.current_url
