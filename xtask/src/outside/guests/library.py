# Parts of Python's library that work on files: a database, archives, temporary files, copies of trees, modules.
import bz2
import csv
import decimal
import doctest
import glob
import gzip
import importlib
import json
import os
import pathlib
import shelve
import shutil
import sqlite3
import sys
import tarfile
import tempfile
import zipfile
import zlib

# A database on a file, with its journal: what is rolled back is not there, what is committed is, also when read anew.
database = sqlite3.connect("data.db")
database.execute("create table squares (number integer primary key, square integer)")
database.executemany("insert into squares values (?, ?)", ((number, number * number) for number in range(5000)))
database.commit()
database.execute("delete from squares")
print(os.path.exists("data.db-journal"), database.execute("select count(*) from squares").fetchone())
database.rollback()
database.close()
database = sqlite3.connect("data.db")
print(database.execute("select count(*), sum(square) from squares where number % 2").fetchone())
database.execute("update squares set square = -square")
database.commit()
database.execute("vacuum")
print(database.execute("pragma integrity_check").fetchone(), database.execute("select min(square) from squares").fetchone())
database.close()
print(os.path.exists("data.db-journal"))

# Archives of a tree, and the tree of them.
os.makedirs("tree/deep/er")
for number in range(20):
    pathlib.Path(f"tree/deep/file-{number}").write_text("line\n" * number * 1000)
pathlib.Path("tree/deep/er/ünï").write_bytes(bytes(range(256)))
os.utime("tree/deep/file-1", (1_000_000_000, 1_000_000_000))
for kind, ending in [("zip", ".zip"), ("gztar", ".tar.gz"), ("bztar", ".tar.bz2")]:
    made = shutil.make_archive(f"packed-{kind}", kind, "tree")
    shutil.unpack_archive(made, f"unpacked-{kind}")
    same = all(
        path.read_bytes() == pathlib.Path(f"unpacked-{kind}", path.relative_to("tree")).read_bytes()
        for path in pathlib.Path("tree").rglob("*")
        if path.is_file()
    )
    print(made.endswith(ending), same, len(glob.glob(f"unpacked-{kind}/**/*", recursive=True)))
print(zipfile.ZipFile("packed-zip.zip").testzip(), os.stat("unpacked-gztar/deep/file-1").st_mtime)
with tarfile.open("packed-bztar.tar.bz2") as packed:
    print(packed.getmember("./deep/file-19").size, sum(member.isdir() for member in packed))
print(zlib.crc32(gzip.decompress(gzip.compress(b"x" * 1_000_000))), len(bz2.decompress(bz2.compress(b"y" * 1_000_000))))

# Copies keep times; trees go whole.
shutil.copytree("tree", "copy")
print(os.stat("copy/deep/file-1").st_mtime_ns, sorted(os.listdir("copy/deep"))[:3])
shutil.move("copy", "moved")
shutil.rmtree("moved")
print(os.path.exists("copy"), os.path.exists("moved"))

# Temporary files and directories, which leave nothing.
os.mkdir("temporary")
tempfile.tempdir = os.path.abspath("temporary")
with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryFile() as nameless, tempfile.TemporaryDirectory() as folder:
    nameless.write(b"nameless")
    nameless.seek(4)
    pathlib.Path(folder, "x").touch()
    print(len(os.listdir("temporary")) >= 2, nameless.read(), os.path.exists(file.name))
spooled = tempfile.SpooledTemporaryFile(max_size=10)
spooled.write(b"0123456789abcdef")
spooled.seek(8)
print(spooled.read(), os.listdir("temporary"))
spooled.close()

# A module that is imported, kept compiled, changed and imported again.
sys.path.insert(0, os.getcwd())
sys.dont_write_bytecode = False
pathlib.Path("fresh.py").write_text("value = 1\n")
import fresh

first = fresh.value
print(first, os.listdir("__pycache__") == [os.path.basename(fresh.__cached__)])
pathlib.Path("fresh.py").write_text("value = 'changed'\n")
importlib.invalidate_caches()
print(importlib.reload(fresh).value)

# Text of several forms.
with open("table.csv", "w", newline="") as file:
    csv.writer(file).writerows([[1, "two, three", 'four "five"'], ["ä", "", "\n"]])
print(list(csv.reader(open("table.csv", newline=""))), os.stat("table.csv").st_size)
with open("value.json", "w") as file:
    json.dump({"list": [1, 2.5, None, True], "text": "ä\u2028"}, file)
print(json.load(open("value.json")), open("value.json").read())
with shelve.open("shelf") as shelf:
    shelf["key"] = {"inner": (1, 2)}
with shelve.open("shelf") as shelf:
    print(dict(shelf))
decimal.getcontext().prec = 60
print(decimal.Decimal(2).sqrt(), 3**200 % 10**20)

# The examples in the library's own documentation are tests of it.
for name in ["difflib", "heapq", "bisect", "statistics", "random", "collections", "fractions"]:
    result = doctest.testmod(importlib.import_module(name))
    if result.failed:
        print(name, result)
print("documented")
