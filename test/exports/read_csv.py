"""Reads a CSV file as a program with types does: decimals, times and counts, or it fails. Prints the rows as JSON, decimals as text."""
import csv
import json
import sys
from datetime import datetime
from decimal import Decimal

types = json.loads(sys.argv[2])


def read(kind, text):
    if text == "":
        return None
    if kind == "decimal":
        assert "e" not in text.lower(), text
        return str(Decimal(text))
    if kind == "integer":
        return int(text)
    if kind == "time":
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        assert moment.utcoffset().total_seconds() == 0, text
        return round(moment.timestamp() * 1000)
    return text


with open(sys.argv[1], newline="", encoding="utf-8") as file:
    rows = list(csv.DictReader(file, strict=True))
print(json.dumps([{name: read(types.get(name), text) for name, text in row.items()} for row in rows]))
