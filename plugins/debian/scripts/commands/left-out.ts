/**
 * Tools that are left out on purpose, each with its reason. They succeed without an effect, and the note says so;
 * a tool whose result programs need, and which is not made elsewhere, does not belong here.
 */
import type { Command, CommandTable } from "../world.ts";

function leftOut(reason: string): Command {
  return (invocation) => {
    invocation.world.note("left-out", `${invocation.name}: ${reason}`);
    return 0;
  };
}

const BYTE_CODE = "byte code is a cache with times in it; Python compiles what it loads";
const NO_MENU = "there is no menu or manual page index in an image";

const NO_DATABASE = "a database's first files are made when the container starts";
const ICONS = "GTK reads the folders of icons themselves where it has no cache of them";

const INPUT_METHODS =
  "GTK's own input method needs no list; others need it run with --update-cache in fakeRootCommands";

const NO_MACHINE = "an id names one machine: the first start makes it";

export const LEFT_OUT_COMMANDS: CommandTable = {
  ldconfig: leftOut("the cache is written once for the whole image"),
  py3compile: leftOut(BYTE_CODE),
  py3clean: leftOut(BYTE_CODE),
  pycompile: leftOut(BYTE_CODE),
  "fc-cache": leftOut("fontconfig makes its cache when it first runs"),
  "gtk-update-icon-cache": leftOut(ICONS),
  "update-icon-caches": leftOut(ICONS),
  "update-mime-database": leftOut(
    "the database of file types is for desktops: programs that ask GIO for a file's type need it run in fakeRootCommands",
  ),
  "update-menus": leftOut(NO_MENU),
  mandb: leftOut(NO_MENU),
  "install-info": leftOut("the info directory is made when a reader is installed"),
  "update-initramfs": leftOut("an image has no kernel"),
  "systemd-machine-id-setup": leftOut(NO_MACHINE),
  "dbus-uuidgen": leftOut(NO_MACHINE),
  "ssh-keygen": leftOut("host keys belong to one machine: make them when the container starts"),
  mysql_install_db: leftOut(NO_DATABASE),
  "mariadb-install-db": leftOut(NO_DATABASE),
  restorecon: leftOut("SELinux labels belong to the host"),
  "gio-querymodules": leftOut("GIO reads the modules themselves where it has no cache of them"),
  "glib-compile-schemas": leftOut(
    "programs with settings of GSettings need it run over /usr/share/glib-2.0/schemas in fakeRootCommands",
  ),
  "gdk-pixbuf-query-loaders": leftOut(
    "GdkPixbuf reads PNG and JPEG without it; for other kinds of images it must be run with --update-cache in fakeRootCommands",
  ),
  "gtk-query-immodules-2.0": leftOut(INPUT_METHODS),
  "gtk-query-immodules-3.0": leftOut(INPUT_METHODS),
  journalctl: (invocation) =>
    invocation.args.join(" ") === "--update-catalog"
      ? leftOut("the index of message texts is made when the journal's reader is set up")(invocation)
      : invocation.refuse("journalctl with such options"),
  sync: () => 0,
  sleep: () => 0,
};
