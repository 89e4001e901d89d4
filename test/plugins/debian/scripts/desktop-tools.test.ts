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

test("GLib's settings and lists of loaders are left out, and the mend is named", () => {
  const tools = ["glib-compile-schemas", "gdk-pixbuf-query-loaders", "gtk-query-immodules-3.0"];
  const places = tools.map((name) => `/usr/lib/x/${name}`);
  const result = configure(places.join("\n"), Object.fromEntries(places.map((path) => [path.slice(1), "\x7fELF"])));
  assert.is(refusal(result), undefined);
  for (const [index, { text }] of result.notes.entries()) {
    assert.ok(text.startsWith(`${tools[index]}: `));
    assert.match(text, /fakeRootCommands/);
  }
});

test("SGML catalogs are listed, but for one that names what is not there", () => {
  const tool = { "usr/sbin/update-catalog": "#!/usr/bin/perl\n" };
  const layout = {
    ...tool,
    "etc/sgml/b.cat": "-- of b --\nCATALOG /usr/share/b.cat\nbase '/usr/share'\ncatalog \"b.cat\"\n",
    "etc/sgml/a.cat": "PUBLIC x y\n",
    "etc/sgml/gone.cat": "CATALOG lost.cat\n",
    "usr/share/b.cat": "",
    "usr/share/sgml-base/catalog.centralized": "-- of CATALOG --\n",
    "var/lib/sgml-base": null,
  };
  const result = configure(
    `update-catalog --quiet --add /etc/sgml/new.cat /usr/share/b.cat
     update-catalog --quiet --add /etc/sgml/new.cat /usr/share/x.cat
     update-catalog --quiet --remove /etc/sgml/new.cat /usr/share/x.cat
     update-catalog --quiet --update-super`,
    layout,
  );
  assert.is(refusal(result), undefined);
  assert.is(textOf(result, "etc/sgml/new.cat"), "-- of /etc/sgml/new.cat --\nCATALOG /usr/share/b.cat\n");
  const [, listed] = textOf(result, "var/lib/sgml-base/supercatalog")!.split("update-catalog(8)");
  assert.equal(
    listed!.match(/^CATALOG .*$/gm),
    ["a", "b", "new"].map((name) => `CATALOG /etc/sgml/${name}.cat`),
  );
});

test("a diversion that is not there is removed with --rename as without", () => {
  assert.is(
    refusal(configure("dpkg-divert --package thing --remove --rename --divert /usr/bin/x.real /usr/bin/x")),
    undefined,
  );
});

test.run();
