from knowledge.page import read_page, run_blocks, slugify

BODY = """Before.

## Why

Because.

## In code

Text.

```python run
# ## no heading
print(1)
```

### Deeper

````markdown
```python run
print("not run: inside another fence")
```
````

```python
print("shown, not run")
```

## Pitfalls

None.
"""


def test_sections_have_anchors_and_paths() -> None:
    page = read_page(BODY)
    assert [section.anchor for section in page.sections] == ["why", "in-code", "deeper", "pitfalls"]
    assert page.sections[2].path == ("In code", "Deeper")


def test_headings_inside_code_are_text() -> None:
    section = read_page(BODY).section("#In code")
    assert section is not None
    assert "# ## no heading" in section.text


def test_section_is_found_by_title_or_anchor() -> None:
    page = read_page(BODY)
    assert page.section("#In code") is page.section("in-code") is page.section("IN CODE")
    assert page.section("#Absent") is None


def test_text_under_a_section_includes_its_subsections_alone() -> None:
    page = read_page(BODY)
    section = page.section("In code")
    assert section is not None
    text = page.text_under(section)
    assert "### Deeper" in text
    assert "None." not in text


def test_only_blocks_marked_run_are_run() -> None:
    blocks = run_blocks(read_page(BODY))
    assert [block.code for block in blocks] == ["# ## no heading\nprint(1)\n"]
    assert blocks[0].section == "in-code"
    assert BODY.split("\n")[blocks[0].line - 1] == "# ## no heading"


def test_slugs_are_kebab_case() -> None:
    assert slugify("Why it worked: L1 & L2") == "why-it-worked-l1-l2"
