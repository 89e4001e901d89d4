/** Commands in bubblewrap's namespace, where mounts of the host's end while it copies them. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as assert from "uvu/assert";
import { findProgram } from "../../../core/process/child-process.ts";
import { openNamespace } from "../../../core/run/names/namespace.ts";
import { suite } from "../../harness.ts";

const test = suite("run/namespace");

const LOST =
  'bwrap: Can\'t bind mount /oldroot/ on /newroot/: Unable to apply mount flags: remount "/newroot/gone": No such file or directory';

/** What a shell text does in a namespace whose bubblewrap loses a mount the first `lost` times. */
async function inNamespace(text: string, lost: number): Promise<{ code: number; stdout: string; calls: number }> {
  const folder = mkdtempSync(join(tmpdir(), "namespace-test-"));
  const { PATH } = process.env;
  const calls = join(folder, "calls");
  try {
    const fake = `#!/bin/sh
echo >> ${calls}
[ $(wc -l < ${calls}) -gt ${lost} ] || { cat ${join(folder, "said")} >&2; exit 1; }
exec ${findProgram("bwrap")!} "$@"
`;
    writeFileSync(join(folder, "said"), LOST);
    writeFileSync(join(folder, "bwrap"), fake, { mode: 0o755 });
    process.env["PATH"] = `${folder}:${PATH}`;
    const { command, env } = openNamespace(undefined)!(["/bin/sh", "-c", text], { PATH: "/usr/bin:/bin" });
    const [program, ...args] = command;
    const { code, stdout } = await promisify(execFile)(program!, args, { env }).then(
      (output) => ({ ...output, code: 0 }),
      (failure: { code: number; stdout: string }) => failure,
    );
    return { code, stdout, calls: readFileSync(calls, "utf8").length };
  } finally {
    process.env["PATH"] = PATH;
    rmSync(folder, { recursive: true });
  }
}

test("a mount that ends meanwhile is no failure of the command", async () => {
  assert.equal(await inNamespace("echo made; exit 7", 2), { code: 7, stdout: "made\n", calls: 3 });
});

test("a command that began is never begun again, however it ends", async () => {
  assert.equal(await inNamespace("echo made; exit 1", 0), { code: 1, stdout: "made\n", calls: 1 });
  assert.equal(await inNamespace("echo made; kill -9 $$", 0), { code: 137, stdout: "made\n", calls: 1 });
});

test("what never works ends", async () => {
  assert.equal(await inNamespace("echo made", 100), { code: 1, stdout: "", calls: 3 });
});

test.run();
