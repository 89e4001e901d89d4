/** Which shell texts surely ask for no user, by which they may run on hosts where names would be the host's. */
import * as assert from "uvu/assert";
import { firstNameUse } from "../../../core/run/names/nameless.ts";
import { passesPreload } from "../../../core/run/names/preload.ts";
import { shellTextReader } from "../../../core/run/shell-words.ts";
import { suite } from "../../harness.ts";

const test = suite("run/nameless");
const read = await shellTextReader();

test("what asks for no name passes", () => {
  for (const text of [
    "mkdir -p data; chmod 2770 data && chown 100:101 data",
    "set -euo pipefail; chown -R +5 a b; chgrp 7 a",
    'for i in $(seq 3); do echo "$i" > "f$i"; done',
    "if [ -e a ]; then rm -rf a; else ln -s b a; fi; [[ -d x ]] || touch -d @0 y",
    "cat > etc/x <<EOF\nchown root\nEOF",
    "make() { mkdir $1; }; cd /",
    "install -Dm644 a b/c; cp -a a b; mv a b",
  ]) {
    assert.is(firstNameUse(read(text)), undefined, text);
  }
});

test("what may ask for one does not, wherever it stands", () => {
  for (const text of [
    "chown root f",
    "chown -R root:0 f",
    "chown 0: f",
    'chown "$owner" f',
    "chown --reference=a 5 f",
    "chgrp tty f",
    "install -o root a b",
    "install -Dgtty a b",
    "install --owner=root a b",
    "install $options a b",
    "id",
    "mkdir a; tar -xf b",
    "echo $(id -u games)",
    "echo `getent passwd`",
    'echo "${x:-$(whoami)}"',
    "cat <<E\n$(stat -c %U .)\nE",
    "cat <(ls -l)",
    "x=$(find . -user root)",
    "f() { id; }; mkdir a",
    "$command a",
    "echo ~root",
    "cd a:~games",
    "echo {~root,~games}",
    'x="\\u"; echo "${x@P}"',
    "PATH=/x; cat",
    "PATH=. cat",
    "echo $SHELL",
    "eval x; :",
    ". ./script",
    "source a",
    "./program",
    "/bin/cat a",
    "if then )(",
    "python3 -c 1",
    "cat /etc/passwd",
    "while read x; do :; done < /etc/group",
  ]) {
    assert.is.not(firstNameUse(read(text)), undefined, text);
  }
});

test("what goes past a library is seen, and the tree's own files are not taken for the host's", () => {
  for (const text of [
    "grep x /etc/passwd",
    "x=/etc/group; cat $x",
    "cat <//etc//shadow",
    "env -i id",
    "/usr/bin/env - id",
    "env --ignore-environment id",
    "env -u LD_PRELOAD id",
    "unset LD_PRELOAD; id",
    "NSS_WRAPPER_PASSWD=x id",
    "exec -c id",
    "exec -cl id",
    "x=$(sudo id)",
    "su games -c id",
  ]) {
    assert.is.not(passesPreload(read(text)), undefined, text);
  }
  for (const text of [
    "grep x etc/passwd ./etc/passwd $PWD/etc/passwd ${root}/etc/group",
    'cat "$PWD"/etc/passwd',
    "chown games f; env A=1 id; exec id",
    "cat /etc/hosts",
  ]) {
    assert.is(passesPreload(read(text)), undefined, text);
  }
});

test.run();
