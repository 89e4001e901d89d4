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
    ["/var/lib/dpkg/*-old", "/var/lib/dpkg/lock*", "/var/lib/dpkg/triggers/Lock", "/var/cache/debconf/*-old"],
  ],
  ["answers that are passwords, which scripts may have made up", ["/var/cache/debconf/passwords.dat"]],
  [
    "caches, with the times of what they were made of",
    ["/var/cache/ldconfig/aux-cache", "/var/cache/man/*", "/var/cache/fontconfig/*", "/var/cache/apt/*.bin"],
  ],
  ["certificates with the time at which each was taken in", ["/etc/ssl/certs/java/cacerts"]],
];

/** As above, of what an image must not share with another one; it is told. What was there before the scripts ran stays. */
const SECRETS: readonly (readonly [advice: string, patterns: readonly string[]])[] = [
  ["ssh-keygen -A makes them", ["/etc/ssh/ssh_host_*"]],
  [
    "make-ssl-cert generate-default-snakeoil makes them",
    ["/etc/ssl/private/ssl-cert-snakeoil.key", "/etc/ssl/certs/ssl-cert-snakeoil.pem"],
  ],
  ["pg_createcluster makes one", ["/var/lib/postgresql/*/*", "/etc/postgresql/*/*"]],
  ["mariadb-install-db makes one", ["/var/lib/mysql/*"]],
  ["fmtutil-sys makes them, and mktexfmt for whoever needs one", ["/var/lib/texmf/web2c/lua*/*.fmt"]],
  ["Erlang makes one when it starts", ["/var/lib/rabbitmq/.erlang.cookie"]],
  ["slapadd makes one", ["/var/lib/ldap/*", "/etc/ldap/slapd.d/*"]],
];

/** Before the scripts. */
export function beforeCleaningText(): string {
  const patterns = SECRETS.flatMap(([, each]) => each);
  return `shopt -s nullglob dotglob
declare -A given
for each in ${patterns.join(" ")} /etc/machine-id; do if [ -e "$each" ]; then given[$each]=1; fi; done
shopt -u nullglob dotglob
`;
}

/** After them. */
export function cleaningText(): string {
  return `shopt -s nullglob dotglob
unlike() { # what makes it anew, files
  local advice=$1 each; shift
  for each; do
    if [ ! -e "$each" ] || [ -n "\${given[$each]}" ]; then continue; fi
    echo "Taken out, as it would be another each time: $each ($advice)"
    rm -rf -- "$each"
  done
}
${SECRETS.map(([advice, patterns]) => `unlike '${advice}' ${patterns.join(" ")}\n`).join("")}${REMOVED.map(
    ([reason, patterns]) => `# ${reason}\nrm -rf -- ${patterns.join(" ")}\n`,
  ).join("")}if [ -e /etc/machine-id ] && [ -z "\${given[/etc/machine-id]}" ]; then : > /etc/machine-id; fi
if [ ! -L /var/lib/dbus/machine-id ]; then rm -f /var/lib/dbus/machine-id; fi
`;
}
