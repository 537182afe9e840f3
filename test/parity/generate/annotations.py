"""Writes test/parity/data/annotations: annotation files made by other programs, with what these read in them.

Run in a virtual environment outside the project with jams, crowsetta, praatio, tgt, praat-textgrids and pandas:
    python test/parity/generate/annotations.py
and again after test/parity/annotation-formats.test.ts was run with SOUNDFOLD_WRITE_ANNOTATIONS=1, which writes `ours/`: the
same programs then read what Soundfold writes. The versions used are written into annotations.json.

Two files are real ones, from the examples of crowsetta: `spinetail.txt` (Audacity, extended; of scikit-maad, BSD licence) and
`eastern-birds.selections.txt` (Raven; Chronister et al. 2021, doi:10.5061/dryad.d2547d81z, CC0).
"""

import importlib.metadata
import json
import shutil
from pathlib import Path

import crowsetta
import jams
import pandas as pd
import textgrids
import tgt
from praatio import textgrid as praatio

target = Path(__file__).parent.parent / "data" / "annotations"
target.mkdir(exist_ok=True)
examples = Path(crowsetta.__file__).parent / "examples"
shutil.copy(examples / "spinetail.txt", target / "spinetail.txt")
shutil.copy(
    examples / "Recording_1_Segment_02.Table.1.selections.txt",
    target / "eastern-birds.selections.txt",
)
expected = {}


def audacity(path):
    """By crowsetta, which knows the extended format; it takes times and frequencies in pairs of lines."""
    boxes = crowsetta.formats.bbox.AudBBox.from_file(path).to_bbox()
    return [
        {"start": b.onset, "end": b.offset, "low": b.low_freq, "high": b.high_freq, "label": b.label}
        for b in boxes
    ]


def raven(path, column):
    """By the table that crowsetta has checked: its boxes can't be points in time."""
    table = crowsetta.formats.bbox.Raven.from_file(path, annot_col=column).df
    return [
        {
            "start": row.begin_time_s,
            "end": row.end_time_s,
            "low": row.low_freq_hz,
            "high": row.high_freq_hz,
            "label": row.annotation,
        }
        for row in table.itertuples()
    ]


expected["spinetail.txt"] = audacity(target / "spinetail.txt")
expected["eastern-birds.selections.txt"] = raven(target / "eastern-birds.selections.txt", "Species")

# JAMS, as its own library writes it.
file = jams.JAMS()
file.file_metadata.duration = 10.0
file.file_metadata.title = "street.wav"
tags = jams.Annotation(namespace="tag_open", time=0, duration=10)
tags.annotation_metadata = jams.AnnotationMetadata(annotator={"name": "Ann"})
tags.append(time=0, duration=10, value="urban, at night", confidence=None)
segments = jams.Annotation(namespace="segment_open", time=0, duration=10)
segments.annotation_metadata = jams.AnnotationMetadata(annotator={"name": "Ben"})
segments.append(time=1.5, duration=2.25, value="siren", confidence=0.5)
segments.append(time=0.25, duration=0.5, value='dog "bark" – ä', confidence=1.0)
beats = jams.Annotation(namespace="beat", time=0, duration=10)
beats.append(time=0.5, duration=0, value=1, confidence=None)
urban = jams.Annotation(namespace="tag_urbansound", time=0, duration=10)
urban.append(time=3, duration=4, value="street_music", confidence=0.125)
for one in (tags, segments, beats, urban):
    file.annotations.append(one)
file.validate()
file.save(str(target / "street.jams"))
expected["street.jams"] = [
    {
        "start": o.time,
        "end": o.time + o.duration,
        "label": o.value,
        "confidence": o.confidence,
        "author": a.annotation_metadata.annotator.__dict__.get("name", ""),
        "namespace": a.namespace,
    }
    for a in file.annotations
    if a.namespace != "beat"
    for o in a.data
]

# TextGrids in the forms that Praat reads and writes.
grid = praatio.Textgrid()
grid.addTier(
    praatio.IntervalTier(
        "sounds", [(0.5, 1.25, "siren"), (1.25, 3.75, 'a "quoted" word'), (4, 4.5, "дрель – ä")], 0, 10
    )
)
grid.addTier(praatio.PointTier("marks", [(0.75, "peak"), (2.5, "second")], 0, 10))
grid.save(str(target / "long.TextGrid"), "long_textgrid", includeBlankSpaces=True)
grid.save(str(target / "short.TextGrid"), "short_textgrid", includeBlankSpaces=True)
for order, name in (("utf-16-be", "utf16be"), ("utf-16-le", "utf16le")):
    text = (target / "short.TextGrid").read_text(encoding="utf-8")
    (target / f"{name}.TextGrid").write_bytes(("\ufeff" + text).encode(order))
made = tgt.TextGrid()
tier = tgt.IntervalTier(start_time=0, end_time=6, name="words")
tier.add_interval(tgt.Interval(1, 2.5, "drill"))
tier.add_interval(tgt.Interval(3, 3.125, "shot"))
made.add_tier(tier)
tgt.write_to_file(made, str(target / "tgt-long.TextGrid"), format="long")
tgt.write_to_file(made, str(target / "tgt-short.TextGrid"), format="short")


def text_grid(path):
    read = praatio.openTextgrid(str(path), includeEmptyIntervals=False)
    rows = []
    for name in read.tierNames:
        for entry in read.getTier(name).entries:
            points = len(entry) == 2
            rows.append(
                {
                    "start": entry[0],
                    "end": entry[0] if points else entry[1],
                    "label": entry[-1],
                    "tier": name,
                }
            )
    return rows


for path in sorted(target.glob("*.TextGrid")):
    expected[path.name] = text_grid(path)


def read_ours(folder):
    """What the programs read in the files that Soundfold wrote."""
    rows = {"audacity": audacity(folder / "box.txt"), "raven": raven(folder / "street.selections.txt", "Annotation")}
    table = pd.read_csv(folder / "street.selections.txt", sep="\t", keep_default_na=False)
    rows["ravenColumns"] = list(table.columns)
    read = jams.load(str(folder / "street.jams"), validate=True, strict=True)
    rows["jams"] = [
        {
            "start": o.time,
            "duration": o.duration,
            "label": o.value,
            "confidence": o.confidence,
            "author": a.annotation_metadata.annotator.__dict__.get("name", ""),
        }
        for a in read.annotations
        for o in a.data
    ]
    rows["textgrid"] = text_grid(folder / "street.TextGrid")
    other = textgrids.TextGrid(str(folder / "street.TextGrid"))
    rows["textgridIntervals"] = {name: len(tier) for name, tier in other.items()}
    return rows


result = {
    "versions": {
        name: importlib.metadata.version(name)
        for name in ("jams", "crowsetta", "praatio", "tgt", "praat-textgrids", "pandas")
    },
    "expected": expected,
}
if (target / "ours").exists():
    result["ours"] = read_ours(target / "ours")
(target / "annotations.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
