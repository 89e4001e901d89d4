/**
 * The script that has dpkg configure what lies unpacked in the image, as bash text: as debootstrap does for the minimal set,
 * then as apt does in each of its runs of dpkg.
 */
import { shellQuoted } from "../../../core/index.ts";
import type { OrderedPackage } from "../ordered-packages.ts";
import { BOOTSTRAP_CORE } from "../order/minimal-set.ts";
import { infoName } from "../scripts/dpkg-database.ts";
import { beforeCleaningText, cleaningText } from "./cleaning.ts";
import { activatedTriggers } from "./triggers.ts";

/** Where the control files of packages that have a preinst are, by the package's name. It is gone afterwards. */
export const STAGING = "/.image-dsl-preinst";

export interface DriverInput {
  /** In the order in which they are configured. */
  readonly packages: readonly OrderedPackage[];
  /** As debconf-set-selections(1) reads them. */
  readonly selections: string;
  /** Triggers that packages of an image below are interested in. */
  readonly triggersBelow: readonly string[];
}

export function driverText({ packages, selections, triggersBelow }: DriverInput): string {
  const turns = [...new Set(packages.map(({ turn }) => turn.configured))].toSorted((a, b) => a - b);
  return [
    PROLOGUE,
    beforeCleaningText(),
    selections === "" ? "" : `debconf-set-selections <<'${HERE}'\n${selections}${HERE}\n`,
    ...turns.map((turn) => turnText(turn, packages, triggersBelow)),
    EPILOGUE,
    cleaningText(),
  ].join("");
}

const HERE = "END-OF-ANSWERS";

/** Services are not started; what scripts make of hashes' orders and of the time is the same each time. */
const PROLOGUE = `set -e
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true DEBCONF_NOWARNINGS=yes
export PERL_HASH_SEED=0 PYTHONHASHSEED=0 FORCE_SOURCE_DATE=1
policy=
if [ ! -e /usr/sbin/policy-rc.d ]; then
  policy=/usr/sbin/policy-rc.d
  printf '#!/bin/sh\\nexit 101\\n' > $policy
  chmod 755 $policy
fi
preinst() { # package, its architecture
  if [ ! -d ${STAGING}/$1 ]; then return; fi
  mv ${STAGING}/$1 /var/lib/dpkg/tmp.ci
  env -C / DPKG_ROOT= DPKG_ADMINDIR=/var/lib/dpkg DPKG_RUNNING_VERSION="$(dpkg-query -W -f '\${Version}' dpkg)" \\
    DPKG_MAINTSCRIPT_PACKAGE=$1 DPKG_MAINTSCRIPT_ARCH=$2 DPKG_MAINTSCRIPT_NAME=preinst \\
    DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT=1 DPKG_MAINTSCRIPT_DEBUG=0 /var/lib/dpkg/tmp.ci/preinst install
  rm -r /var/lib/dpkg/tmp.ci
}
`;

const EPILOGUE = `dpkg --configure --pending
open=$(dpkg-query -W -f '\${db:Status-Status} \${binary:Package}\n' | grep -vE '^(installed|config-files|not-installed) ' || true)
if [ -n "$open" ]; then echo "dpkg left not configured: $open" >&2; exit 1; fi
rm -rf ${STAGING} $policy
`;

/** What one run of dpkg configures, and the preinst scripts of what is unpacked before it. */
function turnText(turn: number, packages: readonly OrderedPackage[], triggersBelow: readonly string[]): string {
  const unpacked = packages.filter((item) => item.turn.unpacked === turn);
  const configured = packages.filter((item) => item.turn.configured === turn);
  if (turn === 0) {
    const core = BOOTSTRAP_CORE.flatMap((name) => configured.filter((item) => item.name === name));
    const rest = configured.filter((item) => !core.includes(item));
    return [
      ...core.flatMap((item) => [preinst(item), configure([item], "--force-depends")]),
      ...rest.map(preinst),
      configure(rest, "--force-depends"),
    ].join("");
  }
  const triggers = activatedTriggers(
    unpacked,
    packages.filter((item) => item.turn.configured < turn),
    triggersBelow,
  );
  return [
    ...triggers.map((name) => `dpkg-trigger --no-await --by-package=dpkg ${shellQuoted(name)}\n`),
    ...unpacked.map(preinst),
    configure(configured, "--no-triggers"),
  ].join("");
}

function preinst({ name, architecture, control }: OrderedPackage): string {
  return control.has("preinst") ? `preinst ${name} ${architecture}\n` : "";
}

function configure(items: readonly OrderedPackage[], option: string): string {
  return items.length === 0 ? "" : `dpkg ${option} --configure ${items.map(infoName).join(" ")}\n`;
}
