import { debian, defineConfig, files, image, text } from "image-dsl";

const nginxConf = `
daemon off;
worker_processes auto;
pid /tmp/nginx.pid;
error_log stderr;

events {}

http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  charset utf-8;
  access_log /dev/stdout;
  sendfile on;

  # Not root, so what nginx writes goes to /tmp.
  client_body_temp_path /tmp/nginx-body;
  proxy_temp_path /tmp/nginx-proxy;
  fastcgi_temp_path /tmp/nginx-fastcgi;
  uwsgi_temp_path /tmp/nginx-uwsgi;
  scgi_temp_path /tmp/nginx-scgi;

  server {
    listen 8080;
    root /srv/site;
    index index.html;

    # All files of an image have one time, so neither it nor an ETag made of it tells whether a file has changed.
    etag off;
    if_modified_since off;
    add_header Last-Modified "";
    add_header Cache-Control no-cache;
  }
}
`;

export default defineConfig({
  "static-site": image({
    name: "static-site",
    contents: [
      debian({ suite: "bookworm", packages: ["nginx"] }),
      files("site", { dest: "/srv/site" }),
      // Beside Debian's own /etc/nginx/nginx.conf, not in its place: two sources cannot both hold one file.
      text("/etc/site/nginx.conf", nginxConf),
    ],
    cmd: ["/usr/sbin/nginx", "-e", "stderr", "-c", "/etc/site/nginx.conf"],
    user: "www-data",
    expose: [8080],
    stopSignal: "SIGQUIT",
  }),
});
