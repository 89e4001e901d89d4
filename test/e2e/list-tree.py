"""Lists a tar or a directory, one JSON line an entry, so that the two can be compared: a referee that shares no code
with image-dsl. Paths are bytes, written as latin-1. Usage: list-tree.py PATH"""
import hashlib, json, os, stat, sys, tarfile


def of_tar(path):
    with tarfile.open(path, encoding="latin-1", errors="strict") as tar:
        names = {}
        for member in tar:
            name = member.name.strip("/").removeprefix("./")
            if name in ("", "."):
                name = "."
            entry = {"path": name, "mode": member.mode, "uid": member.uid, "gid": member.gid, "mtime": member.mtime}
            if member.isdir():
                entry["type"] = "directory"
            elif member.issym():
                entry.update(type="symlink", target=member.linkname)
            elif member.islnk():
                # A hard link is the file that it names, under one more name.
                first = names[member.linkname.strip("/").removeprefix("./")]
                entry.update({key: first[key] for key in ("type", "sha256", "size", "mode", "uid", "gid", "mtime")})
                first["names"].append(name)
                entry["names"] = first["names"]
            elif member.isfile():
                data = tar.extractfile(member).read()
                entry.update(type="file", size=len(data), sha256=hashlib.sha256(data).hexdigest(), names=[name])
            else:
                entry.update(type=member.type.decode(), device=[member.devmajor, member.devminor])
            names[name] = entry
        return list(names.values())


def of_directory(root):
    inodes, entries = {}, []

    def visit(path, name):
        status = os.lstat(path)
        mode = status.st_mode
        entry = {
            "path": name.decode("latin-1"),
            "mode": stat.S_IMODE(mode),
            "uid": status.st_uid,
            "gid": status.st_gid,
            "mtime": int(status.st_mtime) if status.st_mtime_ns % 10**9 == 0 else status.st_mtime_ns / 1e9,
        }
        entries.append(entry)
        if stat.S_ISDIR(mode):
            entry["type"] = "directory"
            for child in os.listdir(path):
                visit(path + b"/" + child, child if name == b"." else name + b"/" + child)
        elif stat.S_ISLNK(mode):
            entry.update(type="symlink", target=os.readlink(path).decode("latin-1"))
        elif stat.S_ISREG(mode):
            with open(path, "rb") as file:
                data = file.read()
            names = inodes.setdefault(status.st_ino, [])
            names.append(entry["path"])
            entry.update(type="file", size=len(data), sha256=hashlib.sha256(data).hexdigest(), names=names)
        else:
            kind = {stat.S_IFCHR: "3", stat.S_IFBLK: "4", stat.S_IFIFO: "6"}.get(stat.S_IFMT(mode), "other")
            entry.update(type=kind, device=[os.major(status.st_rdev), os.minor(status.st_rdev)])

    visit(os.fsencode(root), b".")
    return entries


path = sys.argv[1]
entries = of_directory(path) if os.path.isdir(path) else of_tar(path)
for entry in sorted(entries, key=lambda one: one["path"]):
    if "names" in entry:
        entry["names"] = sorted(entry["names"])
    # The mode of a symbolic link is nobody's.
    if entry["type"] == "symlink":
        del entry["mode"]
    print(json.dumps(entry, sort_keys=True))
