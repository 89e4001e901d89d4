// @runtimes node
/** What packages for desktops and editors ask for in their scripts, in images that are neither. */
import * as assert from "uvu/assert";
import { suite } from "../../../harness.ts";
import { configure, refusal, textOf } from "./support.ts";

const test = suite("debian/scripts/desktop-tools");

const EMACS = {
  "var/lib/emacsen-common/state/package/installed": null,
  "var/lib/emacsen-common/state/flavor/installed": null,
};
const COMPAT = { "usr/lib/emacsen-common/packages/compat/thing": "0\n" };
const TOOL = "/usr/lib/emacsen-common/emacs-package-install";
const RECORD = "var/lib/emacsen-common/state/package/installed/thing";

test("an add-on for Emacs is recorded for the Emacs that may come", () => {
  const script = `${TOOL} --preinst thing; ${TOOL} --postinst thing`;
  const result = configure(script, { ...EMACS, ...COMPAT, [TOOL.slice(1)]: "#!/usr/bin/perl\n" });
  assert.is(refusal(result), undefined);
  assert.is(textOf(result, RECORD), "");
});

test("an add-on that would be compiled, or runs a script of its own, is not covered", () => {
  const tool = { [TOOL.slice(1)]: "#!/usr/bin/perl\n" };
  const emacs = { "var/lib/emacsen-common/state/flavor/installed/emacs": "" };
  assert.match(
    refusal(configure(`${TOOL} --postinst thing`, { ...EMACS, ...COMPAT, ...emacs, ...tool }))!,
    /Emacs that is there/,
  );
  assert.match(refusal(configure(`${TOOL} --postinst thing`, { ...EMACS, ...tool }))!, /old package/);
});

test("caches of icons and file types are left out, and named", () => {
  const tools = { "usr/bin/update-mime-database": "#!x\n", "usr/bin/gtk-update-icon-cache": "#!x\n" };
  const result = configure("update-mime-database /usr/share/mime; gtk-update-icon-cache -q /usr/share/icons/x", tools);
  assert.is(refusal(result), undefined);
  assert.equal(
    result.notes.map(({ text }) => text.split(":")[0]),
    ["update-mime-database", "gtk-update-icon-cache"],
  );
});

test("a diversion that is not there is removed with --rename as without", () => {
  assert.is(
    refusal(configure("dpkg-divert --package thing --remove --rename --divert /usr/bin/x.real /usr/bin/x")),
    undefined,
  );
});

test.run();
