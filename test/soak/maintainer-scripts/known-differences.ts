/** What an image has otherwise than a real installation: the list, and what of a file is compared. */
import { createHash } from "node:crypto";

/** Where they differ on purpose, or cannot be the same: paths, each kind with its reason. */
export interface KnownDifference {
  readonly paths: RegExp;
  /** Only links that really lead there. */
  readonly leadsTo?: RegExp;
  readonly reason: string;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  { paths: /^(proc|dev|sys)(\/|$)/, reason: "the kernel's, or the container runtime's" },
  {
    paths:
      /^(debootstrap|tmp\/|root\/\.|run\/(adduser|mount)$|usr\/sbin\/policy-rc\.d$|etc\/(fstab|hostname|resolv\.conf|apt\/sources\.list|\.pwd\.lock)$)/,
    reason: "left by the tools that install",
  },
  {
    paths: /^etc\/(passwd|group|shadow|gshadow|subuid|subgid)-$/,
    reason: "copies of what was there before the last change",
  },
  {
    paths:
      /^var\/lib\/dpkg\/(info|status|available|lock|triggers|cmethopt|parts|updates|diversions-old|statoverride-old|arch)/,
    reason: "dpkg's own records: test/plugins/debian/scripts/installed.test.ts compares them",
  },
  {
    paths:
      /^var\/(lib\/apt|cache\/(apt|debconf|ldconfig|fontconfig)|log\/(apt|dpkg|bootstrap|alternatives|fontconfig))/,
    reason: "records, logs and caches of the tools",
  },
  {
    paths: /^usr\/share\/(doc|lintian\/overrides)\/(usr-is-merged|usrmerge)(\/|$)/,
    reason: "a package that is all documentation: the skeleton stands for it",
  },
  {
    paths: /^etc\/(rc.\.d|systemd\/(system|user))(\/|$)|^var\/lib\/systemd(\/|$)/,
    reason: "links that enable services, which nothing in a container starts",
  },
  {
    paths: /^etc\/ld\.so\.cache$/,
    reason: "written once for the whole image, and compared with ldconfig's by that plugin's tests",
  },
  {
    paths: /^etc\/ssh\/ssh_host_[a-z0-9]+_key(\.pub)?$|^etc\/ssl\/(private|certs)\/ssl-cert-snakeoil\.(key|pem)$/,
    reason: "keys that every container of the image would share: left out, and said so",
  },
  {
    paths: /^etc\/bind\/rndc\.key$/,
    reason: "a key that every container of the image would share: left out, and said so",
  },
  {
    // The hash is that of a name: the snakeoil certificate bears that of the machine.
    paths: /^etc\/ssl\/certs\/[0-9a-f]{8}\.\d+$/,
    leadsTo: /(^|\/)ssl-cert-snakeoil\.pem$/,
    reason: "a link to the certificate that is left out, and said so",
  },
  {
    paths: /^(etc\/runit\/runsvdir\/default\/[^/]+|run\/runit(\/supervise)?)$/,
    reason: "the real root's policy-rc.d forbids what runit-helper does where there is none, as in an image",
  },
  {
    paths: /^etc\/machine-id$|^var\/lib\/dbus\/machine-id$/,
    reason: "an id names one machine: the first start makes it",
  },
  { paths: /^var\/lib\/ucf(\/|$)/, reason: "ucf's records are for upgrades; what it installs is compared" },
  {
    paths: /^usr\/share\/(mime\/(?!packages(\/|$))|icons\/[^/]+\/icon-theme\.cache$)/,
    reason: "the database of file types and caches of icons, for desktops: left out, and said so",
  },
  {
    paths:
      /^usr\/(share\/glib-2\.0\/schemas\/gschemas\.compiled|lib\/[^/]+\/(gio\/modules\/giomodule|gdk-pixbuf-2\.0\/2\.10\.0\/loaders|gtk-[23]\.0\/[0-9.]+\/immodules)\.cache)$/,
    reason: "lists that GLib, GdkPixbuf and GTK have of settings and modules: left out, with what to run, and said so",
  },
  {
    paths:
      /^(etc|var\/lib|var\/log)\/postgresql\/(\d+(\/|$)|postgresql-\d+-main\.log$)|^etc\/apt\/apt\.conf\.d\/02autoremove-postgresql$/,
    reason: "a database's first files, and a list of clusters: made when the container starts, and said so",
  },
  {
    paths: /^etc\/ssl\/certs\/java\/cacerts$/,
    reason: "Java's store has the time in it at which each certificate was added",
  },
  { paths: /(^|\/)__pycache__(\/|$)|\.pyc$/, reason: "byte code is a cache with times in it" },
];

/** `target`: where the path really leads, if it is a link. */
export function isKnown(path: string, target: string | undefined, known: readonly KnownDifference[]): boolean {
  return known.some(({ paths, leadsTo }) => paths.test(path) && (leadsTo === undefined || leadsTo.test(target ?? "")));
}

/** Of what counts in a file. */
export function comparableDigest(path: string, bytes: Uint8Array): string {
  const counting = COUNTING[path];
  return createHash("sha1")
    .update(counting === undefined ? bytes : Buffer.from(counting(Buffer.from(bytes).toString("latin1")), "latin1"))
    .digest("base64");
}

/** Names and sections as the file system lists them. */
const lines = (text: string): string => sorted(text.match(/.+/g));

const COUNTING: Readonly<Record<string, (text: string) => string>> = {
  // The days of the passwords' last changes are those of the installation, and in an image empty.
  "etc/shadow": (text) => text.replaceAll(/^([^:]*:[^:]*):\d*:/gm, "$1::"),
  // dpkg turns the order round with each line that it adds, and minds none.
  "var/lib/dpkg/diversions": (text) => sorted(text.match(/.*\n.*\n.*\n/g)),
  "var/lib/dpkg/statoverride": (text) => sorted(text.match(/.*\n/g)),
  // Some programs write things down in the order in which a directory lists them: install-info sections of its menu,
  // update-fmtutil formats, mktexlsr names, and there formats and logs that are taken out.
  "usr/share/info/dir": lines,
  "var/lib/texmf/fmtutil.cnf-TEXLIVEDIST": lines,
  "var/lib/texmf/ls-R": (text) => lines(text.replaceAll(/^((lua|dvilua)\w*\.fmt|tex\.fmt|\w+\.log)$/gm, "")),
};

function sorted(records: readonly string[] | null): string {
  return (records ?? []).toSorted().join("");
}
