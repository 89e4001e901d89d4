/**
 * What scripts leave that is not kept, as bash text: what would be another in each image (keys, identifiers, times), what only
 * says what was done, and what programs make again by themselves.
 */

/** Patterns of bash, and why their files go. */
const REMOVED: readonly (readonly [reason: string, patterns: readonly string[]])[] = [
  [
    "what was done, and when",
    ["/var/log/dpkg.log", "/var/log/alternatives.log", "/var/log/apt/*", "/var/log/fontconfig.log", "/var/log/fsck/*"],
  ],
  [
    "records of the state before",
    [
      "/var/lib/dpkg/*-old",
      "/var/lib/dpkg/lock*",
      "/var/lib/dpkg/triggers/Lock",
      "/var/cache/debconf/*-old",
      "/usr/share/info/dir.old",
    ],
  ],
  ["answers that are passwords, which scripts may have made up", ["/var/cache/debconf/passwords.dat"]],
  [
    "caches, with the times of what they were made of",
    ["/var/cache/ldconfig/aux-cache", "/var/cache/man/*", "/var/cache/fontconfig/*", "/var/cache/apt/*.bin"],
  ],
  [
    "code that was compiled ahead, with an identifier at random, and is compiled where it runs",
    ["/usr/lib/mono/aot-cache/*"],
  ],
  ["certificates with the time at which each was taken in", ["/etc/ssl/certs/java/cacerts"]],
];

/** What was done, and when: of these files what scripts made and wrote into. */
const LOGS: readonly string[] = ["/var/log/**", "/var/lib/texmf/web2c/**/*.log"];

/** As above, of what an image must not share with another one; it is told. What was there before the scripts ran stays. */
const SECRETS: readonly (readonly [advice: string, patterns: readonly string[]])[] = [
  ["ssh-keygen -A makes them", ["/etc/ssh/ssh_host_*"]],
  [
    "make-ssl-cert generate-default-snakeoil makes them",
    ["/etc/ssl/private/ssl-cert-snakeoil.key", "/etc/ssl/certs/ssl-cert-snakeoil.pem"],
  ],
  ["pg_createcluster makes one", ["/var/lib/postgresql/*/*", "/etc/postgresql/*/*"]],
  ["mariadb-install-db makes one", ["/var/lib/mysql/*"]],
  // Knuth's TeX writes the time into them, whatever SOURCE_DATE_EPOCH says; Lua orders its tables by the time and by addresses.
  [
    "fmtutil-sys makes them, and mktexfmt for whoever needs one",
    ["/var/lib/texmf/web2c/lua*/*.fmt", "/var/lib/texmf/web2c/tex/*.fmt"],
  ],
  ["Erlang makes one when it starts", ["/var/lib/rabbitmq/.erlang.cookie"]],
  ["rndc-confgen -a makes one", ["/etc/bind/rndc.key"]],
  ["newaliases makes it", ["/etc/aliases.db"]],
  ["slapadd makes one", ["/var/lib/ldap/*", "/etc/ldap/slapd.d/*"]],
];

/** Lists of what is there, in the order in which the file system happens to name it, and what makes them in an order of its own. */
const ANEW: readonly (readonly [list: string, command: string])[] = [
  ["/var/lib/texmf/ls-R", "mktexlsr /var/lib/texmf"],
];

const GLOBS = "nullglob dotglob globstar";

/** Before the scripts. */
export function beforeCleaningText(): string {
  const patterns = [...SECRETS.flatMap(([, each]) => each), ...LOGS];
  return `shopt -s ${GLOBS}
declare -A given
for each in ${patterns.join(" ")} /etc/machine-id; do if [ -e "$each" ]; then given[$each]=1; fi; done
shopt -u ${GLOBS}
made() { [ -e "$1" ] && [ -z "\${given[$1]}" ]; }
`;
}

/** After them. */
export function cleaningText(): string {
  return `shopt -s ${GLOBS}
unlike() { # what makes it anew, files
  local advice=$1 each link; shift
  for each; do
    if ! made "$each"; then continue; fi
    echo "Taken out, as it would be another each time: $each ($advice)"
    rm -rf -- "$each"
    for link in "\${each%/*}"/*; do # named for what is in it
      if [ -L "$link" ] && [ ! -e "$link" ] && [ "$(readlink "$link")" = "\${each##*/}" ]; then rm -- "$link"; fi
    done
  done
}
${SECRETS.map(([advice, patterns]) => `unlike '${advice}' ${patterns.join(" ")}\n`).join("")}${REMOVED.map(
    ([reason, patterns]) => `# ${reason}\nrm -rf -- ${patterns.join(" ")}\n`,
  ).join("")}for each in ${LOGS.join(" ")}; do
  if [ -f "$each" ] && [ ! -L "$each" ] && [ -s "$each" ] && made "$each"; then rm -- "$each"; fi
done
${ANEW.map(([list, command]) => `if [ -s ${list} ] && type -P ${command.split(" ")[0]} > /dev/null; then ${command} > /dev/null; fi\n`).join("")}if made /etc/machine-id; then : > /etc/machine-id; fi
if [ ! -L /var/lib/dbus/machine-id ]; then rm -f /var/lib/dbus/machine-id; fi
`;
}
