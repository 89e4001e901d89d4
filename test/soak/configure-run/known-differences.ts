/** What an image whose packages were configured by their scripts has otherwise than a chroot in which apt installed them: the list. */
import type { KnownDifference } from "../maintainer-scripts/known-differences.ts";

export const RUN_DIFFERENCES: readonly KnownDifference[] = [
  { paths: /^(proc|dev|sys)(\/|$)/, reason: "the kernel's, or the container runtime's" },
  {
    paths:
      /^(debootstrap|tmp\/|run\/(adduser|mount)$|usr\/sbin\/policy-rc\.d$|etc\/(fstab|hostname|resolv\.conf|apt\/sources\.list|\.pwd\.lock)$)/,
    reason: "left by the tools that install",
  },
  {
    paths: /^etc\/(passwd|group|shadow|gshadow)-$/,
    reason: "copies of what was there before the last change, which has the day in it",
  },
  {
    paths:
      /^var\/lib\/dpkg\/(status|available|lock|lock-frontend|cmethopt|(status|diversions|statoverride)-old|triggers\/(File|Lock)|info\/usr-is-merged\..*)$/,
    reason: "dpkg's records: the skeleton stands for usr-is-merged; old ones and locks are taken out",
  },
  {
    paths: /^var\/lib\/dpkg\/info\/[^/]*\.list$/,
    reason: "dpkg's lists have another order, and the comparison of all files says more",
  },
  {
    paths:
      /^var\/(lib\/apt|cache\/(apt|ldconfig|fontconfig|man)|cache\/debconf\/(passwords\.dat|.*-old)|log\/(apt|dpkg|bootstrap|alternatives|fontconfig))/,
    reason: "records, logs and caches of the tools, passwords among them: taken out",
  },
  {
    paths: /^usr\/share\/(doc|lintian\/overrides)\/(usr-is-merged|usrmerge)(\/|$)/,
    reason: "the skeleton stands for it",
  },
  {
    paths: /^etc\/ssl\/(private|certs)\/ssl-cert-snakeoil\.(key|pem)$|^etc\/machine-id$|^var\/lib\/dbus\/machine-id$/,
    reason: "keys and ids that every container of the image would share: taken out, and said so",
  },
  {
    paths: /^etc\/ssl\/certs\/[0-9a-f]{8}\.\d+$/,
    leadsTo: /(^|\/)ssl-cert-snakeoil\.pem$/,
    reason: "a link to the certificate that is taken out",
  },
  {
    paths: /^((etc|var\/lib)\/postgresql\/\d+\/|var\/log\/postgresql\/|var\/lib\/(mysql|ldap)\/|etc\/ldap\/slapd\.d\/)/,
    reason: "first databases: taken out, and said so",
  },
  { paths: /^usr\/share\/info\/dir\.old$/, reason: "what was there before: taken out" },
  {
    paths: /^var\/lib\/texmf\/web2c\/(((lua\w*|tex)\/\w+\.fmt)|(\w+\/)?\w+\.log)$/,
    reason: "formats that are others each time: taken out, and said so; and logs",
  },
  {
    paths: /^var\/lib\/rabbitmq\/\.erlang\.cookie$/,
    reason: "a secret that every container of the image would share: taken out, and said so",
  },
  {
    paths: /^etc\/ssl\/certs\/java\/cacerts$/,
    reason: "Java's store has the time in it at which each certificate was added",
  },
  { paths: /(^|\/)__pycache__(\/|$)|\.pyc$/, reason: "byte code has the times of its sources in it" },
];
