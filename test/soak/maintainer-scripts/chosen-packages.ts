/**
 * Which packages are tried: every server that the docs tell how to run, then the packages that most others depend on.
 * Equal numbers go by name, so the choice hangs on the archive's index alone.
 */

/** With the name that each suite has for them; what a suite has not is left out. */
export const SERVERS: readonly string[] = [
  "nginx",
  "apache2",
  "lighttpd",
  "redis-server",
  "memcached",
  "mosquitto",
  "haproxy",
  "dnsmasq",
  "openssh-server",
  "php-fpm",
  "squid",
  "dovecot-imapd",
  "postfix",
  "bind9",
  "chrony",
  "postgresql",
  "mariadb-server",
  "rabbitmq-server",
  "tomcat10",
  "slapd",
];

/** `packagesText`: a suite's index. */
export function choosePackages(packagesText: string, count: number): readonly string[] {
  const names = new Set<string>();
  const dependents = new Map<string, Set<string>>();
  for (const stanza of packagesText.split("\n\n")) {
    const name = fieldOf(stanza, "Package");
    if (name === "") continue;
    names.add(name);
    for (const relation of `${fieldOf(stanza, "Pre-Depends")},${fieldOf(stanza, "Depends")}`.split(",")) {
      // Of alternatives the first is what apt takes where none is there.
      const needed = /^\s*([a-z0-9][a-z0-9+.-]*)/.exec(relation)?.[1];
      if (needed !== undefined) dependents.set(needed, (dependents.get(needed) ?? new Set()).add(name));
    }
  }
  const byDependents = [...dependents]
    .filter(([name]) => names.has(name))
    .sort(([left, { size: few }], [right, { size: many }]) => many - few || (left < right ? -1 : 1))
    .map(([name]) => name);
  const servers = SERVERS.filter((name) => names.has(name));
  return [...new Set([...servers, ...byDependents])].slice(0, count);
}

function fieldOf(stanza: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, "m").exec(stanza)?.[1] ?? "";
}
