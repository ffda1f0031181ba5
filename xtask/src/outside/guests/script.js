// What QuickJS offers of a host: directories, files, times, timers, standard input.

function check(result) {
    if (result < 0) throw new Error(std.strerror(-result));
}

check(os.mkdir("many"));
for (let number = 0; number < 300; number++) {
    const file = std.open("many/entry-" + String(number).padStart(3, "0"), "w");
    file.puts(String(number));
    file.close();
}
let [names, error] = os.readdir("many");
names.sort();
print(names.length, names[0], names[1], names[2], names[301], error);
let sum = 0;
for (const name of names.slice(2)) {
    sum += Number(std.loadFile("many/" + name));
    check(os.remove("many/" + name));
}
print(sum, os.readdir("many")[0].length);

const file = std.open("gone", "w+");
file.puts("still here");
check(os.remove("gone"));
file.seek(6, std.SEEK_SET);
print(file.readAsString(), os.stat("gone")[1] === std.Error.ENOENT);
file.close();

std.open("times", "w").close();
check(os.utimes("times", 1_000_000_001_000, 1_234_567_890_500));
print(os.stat("times")[0].atime, os.stat("times")[0].mtime);

check(os.rename("times", "renamed"));
print(os.stat("renamed")[1]);

let lines = 0;
for (let line; (line = std.in.getline()) !== null; ) lines += Number(line.split(" ")[1]);
print(lines, std.getenv("GREETING"), scriptArgs.slice(1));

// Each timer starts the next; none may be early.
const start = Date.now();
let left = 20;
function tick() {
    if (--left) os.setTimeout(tick, 5);
    else print("ticked", Date.now() - start >= 19 * 5);
}
os.setTimeout(tick, 5);
