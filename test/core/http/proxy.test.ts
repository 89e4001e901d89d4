import * as assert from "uvu/assert";
import { ImageDslError } from "../../../core/error.ts";
import { isProxyExempt, parseProxy, proxyFromEnvironment } from "../../../core/http/proxy.ts";
import { redactUrl } from "../../../core/redact.ts";
import { suite } from "../../harness.ts";

const test = suite("http/proxy");

const choose = (url: string, env: Record<string, string>) => proxyFromEnvironment(new URL(url), env)?.href;

test("http and https have a proxy each, and all_proxy stands in for both", () => {
  const env = { http_proxy: "http://a.example:1", https_proxy: "http://b.example:2" };
  assert.is(choose("http://x.example/", env), "http://a.example:1/");
  assert.is(choose("https://x.example/", env), "http://b.example:2/");
  assert.is(choose("https://x.example/", { all_proxy: "c.example:3" }), "http://c.example:3/");
  assert.is(choose("https://x.example/", { http_proxy: "http://a.example:1" }), undefined);
  assert.is(choose("http://x.example/", {}), undefined);
});

test("lower case wins over upper case, and an empty value is none", () => {
  assert.is(
    choose("http://x.example/", { HTTP_PROXY: "http://u.example", http_proxy: "http://l.example" }),
    "http://l.example/",
  );
  assert.is(choose("http://x.example/", { HTTP_PROXY: "http://u.example", http_proxy: "" }), "http://u.example/");
  assert.is(choose("http://x.example/", { http_proxy: "  " }), undefined);
});

test("no_proxy exempts hosts, domains, ports and everything", () => {
  const with_ = (no_proxy: string, url: string) =>
    choose(url, { all_proxy: "http://p.example:1", no_proxy }) === undefined;
  assert.ok(with_("x.example", "http://x.example/"));
  assert.ok(with_("x.example", "http://sub.x.example/"));
  assert.ok(with_(".x.example", "http://sub.x.example/"));
  assert.ok(with_("*.x.example", "http://sub.x.example/"));
  assert.not(with_("x.example", "http://notx.example/"));
  assert.ok(with_("a.example, X.Example", "http://x.example/"));
  assert.ok(with_("x.example:8080", "http://x.example:8080/"));
  assert.not(with_("x.example:8080", "http://x.example/"));
  assert.ok(with_("x.example:443", "https://x.example/"));
  assert.ok(with_("*", "http://any.example/"));
  assert.ok(with_("127.0.0.1", "http://127.0.0.1:99/"));
  assert.ok(with_("[::1]", "http://[::1]:99/"));
  assert.ok(with_("::1", "http://[::1]/"));
  assert.not(with_("", "http://x.example/"));
});

test("a proxy that is no http URL is refused, without showing its password", () => {
  for (const text of ["socks5://user:geheim@p.example", "http://", "http://a b"]) {
    try {
      parseProxy(text, "a test");
      assert.unreachable(text);
    } catch (error) {
      assert.instance(error, ImageDslError);
      assert.is((error as ImageDslError).code, "E_NETWORK");
      assert.not.match((error as ImageDslError).message, "geheim");
    }
  }
});

test("messages show neither passwords nor queries", () => {
  assert.is(redactUrl("https://user:secret@h.example:8/a/b?token=x#y"), "https://…@h.example:8/a/b?…");
  assert.is(redactUrl("https://h.example/a"), "https://h.example/a");
  assert.is(redactUrl("file:///srv/debian"), "file:///srv/debian");
  assert.is(redactUrl("https://user:se cret@[bad"), "https:…");
  assert.is(redactUrl("socks5://user:secret@h.example"), "socks5:…");
  assert.is(redactUrl("user:secret"), "user:…");
  assert.is(redactUrl("//user:secret@h"), "…");
});

test("a proxy from elsewhere is not for hosts of no_proxy either", () => {
  assert.ok(isProxyExempt(new URL("http://x.example/"), { NO_PROXY: "x.example" }));
  assert.not(isProxyExempt(new URL("http://y.example/"), { NO_PROXY: "x.example" }));
});

test.run();
