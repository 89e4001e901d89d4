/** Which of the calls that strace saw fail a machine's root would have got. */
import * as assert from "uvu/assert";
import { refusalIn } from "../../../plugins/namespace/refusals.ts";
import { suite } from "../../harness.ts";

const test = suite("plugins/namespace/refusals");

test("a device, a strange id, an attribute, a mount and a limit need the VM, whoever asked", () => {
  const refused: Readonly<Record<string, string>> = {
    'mknodat(AT_FDCWD, "/n", S_IFCHR|0666, makedev(0x1, 0x3)) = -1 EPERM (Operation not permitted)': "mknodat",
    'fchownat(AT_FDCWD, "/x", 5, 5, 0) = -1 EINVAL (Invalid argument)': "fchownat",
    'setxattr("/x", "trusted.a", "1", 1, 0) = -1 EPERM (Operation not permitted)': "setxattr",
    'setxattr("/x", "user.a", "1", 1, 0) = -1 EOPNOTSUPP (Operation not supported)': "setxattr",
    'mount("/dev/vda", "/mnt", "ext4", 0, NULL) = -1 EPERM (Operation not permitted)': "mount",
    "setgroups(1, [33])                   = -1 EPERM (Operation not permitted)": "setgroups",
    "prlimit64(0, RLIMIT_NOFILE, {rlim_cur=10000000, rlim_max=10000000}, NULL) = -1 EPERM (Operation not permitted)":
      "prlimit64",
  };
  for (const [line, call] of Object.entries(refused)) {
    assert.match(
      refusalIn(`7     stat("/") = -1 ENOENT (x)\n36    ${line}\n`) ?? "",
      new RegExp(`^${call}\\(.*\\(E\\w+\\)$`),
    );
  }
});

test("what fails for everybody needs no VM", () => {
  const usual = [
    'mknodat(AT_FDCWD, "/x", S_IFCHR|0666, makedev(0x1, 0x3)) = -1 EEXIST (File exists)',
    'fchownat(AT_FDCWD, "/none", 5, 5, 0) = -1 ENOENT (No such file or directory)',
    "setuid(0)                             = -1 EPERM (Operation not permitted)",
    "prlimit64(0, RLIMIT_NOFILE, {rlim_cur=RLIM64_INFINITY, rlim_max=RLIM64_INFINITY}, NULL) = -1 EPERM (Operation not permitted)",
    'mount("/a", "/b", NULL, MS_BIND, NULL) = -1 ENOENT (No such file or directory)',
  ];
  assert.is(refusalIn(usual.map((line) => `12 ${line}\n`).join("")), undefined);
  assert.is(refusalIn(""), undefined);
});

test.run();
