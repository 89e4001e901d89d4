/** What each server of docs/servers.md is asked, and what its answer has in it. Bytes are latin1. */
export interface Question {
  readonly kind: "tcp" | "udp" | "unix";
  /** A port, or a path in the container. */
  readonly at: number | string;
  /** Empty where the server speaks first. */
  readonly send: string;
  readonly isRight: (answer: string) => boolean;
}

type Check = Question["isRight"];

const tcp = (at: number, send: string, isRight: Check): Question => ({ kind: "tcp", at, send, isRight });
const udp = (at: number, send: string, isRight: Check): Question => ({ kind: "udp", at, send, isRight });
const says =
  (pattern: RegExp): Check =>
  (answer) =>
    pattern.test(answer);
/** Of a protocol of bytes: how the answer begins, and what it has in it. */
const bytes =
  (start: string, inside = ""): Check =>
  (answer) =>
    answer.startsWith(start) && answer.includes(inside);

const GET = "GET / HTTP/1.0\r\n\r\n";

/** One question (RFC 1035); as it stands, for the address of a name. */
function dnsQuestion(name: string, typeAndClass = "\x00\x01\x00\x01"): string {
  const labels = name.split(".").map((label) => String.fromCharCode(label.length) + label);
  return `\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00${labels.join("")}\x00${typeAndClass}`;
}

export const QUESTIONS: Readonly<Record<string, Question>> = {
  nginx: tcp(80, GET, says(/^HTTP\/1\.1 200 OK[^]*Welcome to nginx/)),
  apache2: tcp(80, GET, says(/^HTTP\/1\.1 200 OK[^]*Apache2 Debian Default Page/)),
  lighttpd: tcp(80, GET, says(/^HTTP\/1\.[01] 200 OK[^]*lighttpd/)),
  redis: tcp(6379, "PING\r\n", says(/^\+PONG/)),
  memcached: tcp(11_211, "version\r\n", says(/^VERSION 1\./)),
  // CONNECT of MQTT 3.1.1 with a client's name; the answer is an accepting CONNACK.
  mosquitto: tcp(1883, "\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a", bytes("\x20\x02\x00\x00")),
  haproxy: tcp(8080, GET, says(/^HTTP\/1\.[01] 200 OK[^]*hello/)),
  dnsmasq: udp(53, dnsQuestion("host.test"), bytes("\x12\x34", "\x0a\x01\x02\x03")),
  "openssh-server": tcp(22, "", says(/^SSH-2\.0-OpenSSH/)),
  // A FastCGI record GET_VALUES without names; the answer is a GET_VALUES_RESULT.
  "php-fpm": { kind: "unix", at: "/run/php", send: "\x01\x09\x00\x00\x00\x00\x00\x00", isRight: bytes("\x01\x0a") },
  squid: tcp(3128, "GET http://127.0.0.1/ HTTP/1.0\r\n\r\n", says(/^HTTP\/1\.1 503[^]*squid/i)),
  dovecot: tcp(143, "", says(/^\* OK/)),
  postfix: tcp(25, "", says(/^220 .*ESMTP/)),
  // TXT of class CHAOS: its version, which it knows in every configuration.
  bind9: udp(53, dnsQuestion("version.bind", "\x00\x10\x00\x03"), bytes("\x12\x34", "-Debian")),
  // An SSLRequest; the answer is that there is SSL, or none.
  postgresql: tcp(5432, "\0\0\0\x08\x04\xd2\x16\x2f", says(/^[NS]$/)),
  mariadb: tcp(3306, "", says(/MariaDB/)),
  // Nobody binds (RFC 4511), which succeeds.
  slapd: tcp(
    389,
    "\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\0\x80\0",
    bytes("\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\0"),
  ),
  rabbitmq: tcp(5672, "AMQP\0\0\x09\x01", bytes("\x01\0\0", "RabbitMQ")),
  tomcat10: tcp(8080, GET, says(/^HTTP\/1\.1 200[^]*Tomcat/)),
  // A client's packet of NTP 4; the answer is a server's (mode 4).
  chrony: udp(123, `\x23${"\0".repeat(47)}`, (answer) => (answer.charCodeAt(0) & 7) === 4),
};
