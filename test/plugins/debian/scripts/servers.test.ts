/** What scripts of servers ask servers' own tools, and the keys that no image gets. */
import * as assert from "uvu/assert";
import { suite } from "../../../harness.ts";
import { type Layout, configure as configureIn, programs, refusal, show, textOf } from "./support.ts";

const test = suite("debian/scripts/servers");

const TOOLS = programs(
  ..."rndc-confgen openssl make-ssl-cert chronyd squid named-checkconf lighty-enable-mod /usr/sbin/sshd".split(" "),
);

function configure(script: string, layout: Layout = {}) {
  return configureIn(script, { ...TOOLS, ...layout });
}

function run(script: string, layout: Layout = {}) {
  const result = configure(script, layout);
  assert.is(refusal(result), undefined, script);
  return result;
}

test("a container's key is there for the script that made it, and not in the image", () => {
  const result = run(
    `rndc-confgen -a
[ -s /etc/bind/rndc.key ]
uid=$(ls -ln /etc/bind/rndc.key | awk '{print $3}')
if [ "$uid" = 0 ]; then chown daemon /etc/bind/rndc.key; chgrp daemon /etc/bind; fi
stat -c '%a %u %s' /etc/bind/rndc.key > /etc/facts
umask 077; openssl rand -base64 -out /etc/cookie 42
stat -c '%a %s' /etc/cookie >> /etc/facts
cp /etc/cookie /etc/copy; mv /etc/cookie /etc/moved`,
    { "etc/bind": null },
  );
  // As rndc-confgen 9.18 and openssl 3.0 make them.
  assert.is(textOf(result, "etc/facts"), "600 1 100\n600 57\n");
  assert.is(show(result, "etc/bind"), "755 0:1");
  for (const path of ["etc/bind/rndc.key", "etc/cookie", "etc/copy", "etc/moved"])
    assert.is(show(result, path), undefined, path);
  assert.equal(
    result.notes.map(({ text }) => text.replace(/: a key .*: make/, " …")),
    ["rndc-confgen … /etc/bind/rndc.key when the container starts", "openssl … /etc/cookie when the container starts"],
  );
});

test("scripts link to the certificate that a machine signs itself, as to one that is there; the image has the links alone", () => {
  const result = run(
    `addgroup --system ssl-cert
make-ssl-cert generate-default-snakeoil
cert=/etc/ssl/certs/ssl-cert-snakeoil.pem
key=/etc/ssl/private/ssl-cert-snakeoil.key
stat -c '%n %a %U:%G' $cert $key > /etc/facts
if [ -e $cert ] && [ -s $key ]; then ln -s $cert /etc/linked.pem; fi`,
    { "etc/ssl/certs": null, "etc/ssl/private": null },
  );
  assert.is(
    textOf(result, "etc/facts"),
    "/etc/ssl/certs/ssl-cert-snakeoil.pem 644 root:root\n/etc/ssl/private/ssl-cert-snakeoil.key 640 root:ssl-cert\n",
  );
  assert.match(show(result, "etc/linked.pem")!, "/etc/ssl/certs/ssl-cert-snakeoil.pem");
  for (const path of ["etc/ssl/certs/ssl-cert-snakeoil.pem", "etc/ssl/private/ssl-cert-snakeoil.key"])
    assert.is(show(result, path), undefined, path);
  assert.match(refusal(configure("make-ssl-cert /usr/share/ssl-cert/template /etc/own"))!, /is not supported/);
});

test("what a key holds is nobody's guess", () => {
  for (const use of ["cat /etc/k > /etc/out", "grep -q a /etc/k", "x=$(cat /etc/k)", "sed -i s/a/b/ /etc/k"])
    assert.match(
      refusal(configure(`openssl rand -hex -out /etc/k 8\n${use}`))!,
      /what \/etc\/k holds is not known/,
      use,
    );
  assert.match(refusal(configure("openssl genrsa -out /etc/k"))!, /openssl genrsa is not supported/);
});

test("chronyd -p prints what is configured, squid -k parse what it processes", () => {
  const layout = {
    "etc/chrony/chrony.conf": "# c\nconfdir /etc/chrony/conf.d\n  keyfile   /k\n! old\nsourcedir /run/x\n",
    "etc/chrony/conf.d/a.conf": "user root\n",
    "etc/chrony/conf.d/b.txt": "none\n",
    "etc/squid/squid.conf": "# c\nacl a src 1 # x\ninclude /etc/squid/conf.d/*.conf\ncache_dir ufs /c\n",
    "etc/squid/conf.d/a.conf": "http_port 1\n",
  };
  const result = run("chronyd -p > /etc/c; squid -k parse 2>&1 | sed 's/.*Processing: //' > /etc/s", layout);
  assert.is(textOf(result, "etc/c"), "user root\nkeyfile /k\nsourcedir /run/x\n");
  assert.is(textOf(result, "etc/s"), "acl a src 1 # x\nhttp_port 1\ncache_dir ufs /c\n");
  assert.match(refusal(configure("squid -z"))!, /squid with such options/);
});

test("sshd -G says which host keys there would be, named-checkconf takes what is shipped", () => {
  const layout = { "etc/ssh/sshd_config": "UsePAM yes\n", "etc/ssh/sshd_config.d": null };
  const result = run("/usr/sbin/sshd -G | sed -n 's/^HostKey //Ip' > /etc/o", layout);
  const keys = ["rsa", "ecdsa", "ed25519"].map((kind) => `/etc/ssh/ssh_host_${kind}_key\n`);
  assert.is(textOf(result, "etc/o"), keys.join(""));
  const own = configure("sshd -G", { "etc/ssh/sshd_config": "HostKey /k\n" });
  assert.match(refusal(own)!, /sshd -G of such a configuration/);
  const changed = configure("named-checkconf /etc/bind/named.conf", { "etc/bind/named.conf": "x" });
  assert.match(refusal(changed)!, /named-checkconf of another named\.conf/);
});

test("the sed script that squid's postinst takes a directive with", () => {
  const script = "sed -ne 's/^a \\(.*\\)/\\1/p\n t end;\n d;\n :end q'";
  assert.is(textOf(run(`printf 'b 2\\na 3\\na 4\\n' | ${script} > /etc/out`), "etc/out"), "3\n");
});

test("lighty-enable-mod makes a link, and says where it did nothing", () => {
  const layout = { "etc/lighttpd/conf-available/99-un.conf": "x\n", "etc/lighttpd/conf-enabled": null };
  const result = run(
    "lighty-enable-mod un; for m in un other; do lighty-enable-mod $m || echo $m $? >> /etc/o; done",
    layout,
  );
  assert.is(show(result, "etc/lighttpd/conf-enabled/99-un.conf"), "-> ../conf-available/99-un.conf");
  assert.is(textOf(result, "etc/o"), "un 2\nother 2\n");
});

test("df says that there is room, and awk takes a field", () => {
  assert.is(textOf(run("df --portability /var/. | tail -n 1 | awk '{ print $4 }' > /etc/o"), "etc/o"), "1073741824\n");
  const room = run("LC_ALL=C BLOCKSIZE='' df --output=avail /var | tail -n 1 > /etc/o");
  assert.is(textOf(room, "etc/o"), "1073741824\n");
  assert.match(refusal(configure("echo a | awk '{ print > $1 }'"))!, /^3 awk: output to a file is not supported/);
});

test.run();
