# Directories of 300 entries, and what may be done to them while they are listed. Each line has one answer.
import os

os.mkdir("many")
os.chdir("many")
for number in range(300):
    with open(f"entry-{number:03}", "x") as file:
        file.write(str(number))
names = sorted(os.listdir("."))
print(len(names), names == [f"entry-{number:03}" for number in range(300)])

# Every entry goes while the list of them is being read; none is left out and none comes twice.
seen = []
with os.scandir(".") as entries:
    for entry in entries:
        assert entry.is_file() and not entry.is_symlink() and entry.inode() == entry.stat().st_ino
        seen.append(int(open(entry.path).read()))
        os.unlink(entry)
print(len(seen), sum(seen), len(set(seen)), os.listdir("."))

# Directories as well, with names of two to four bytes a letter.
for number in range(300):
    os.makedirs(f"tree/ä-{number}/日本-{number}/🙂")
found = [(len(path), len(names)) for path, names, files in os.walk("tree") if not files]
print(len(found), os.path.isdir("tree/ä-299/日本-299/🙂"))
for path, names, files in os.walk("tree", topdown=False):
    os.rmdir(path)
print(os.listdir("."))

# The name that a file had is free again, in both kinds.
os.mkdir("name")
os.rmdir("name")
open("name", "w").close()
os.unlink("name")
os.mkdir("name")
os.rename("name", "other")
print(os.listdir("."))
