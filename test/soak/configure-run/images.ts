/** Images whose packages are configured by running their scripts: how each is asked whether it works. */
import type { ImageConfig } from "../../../core/index.ts";

export interface RunImage {
  /** What is asked for. */
  readonly packages: readonly string[];
  readonly config: ImageConfig;
  /** A server's question (test/e2e/servers/questions.ts), or what its command prints. */
  readonly works: { readonly question: string } | { readonly prints: RegExp };
}

const sh = (script: string): readonly string[] => ["/bin/sh", "-c", script];

/** Databases are made when the container starts, as scripts' own do not stay. */
export const RUN_IMAGES: Readonly<Record<string, RunImage>> = {
  tomcat10: {
    packages: ["tomcat10"],
    config: {
      Cmd: ["/usr/share/tomcat10/bin/catalina.sh", "run"],
      User: "tomcat",
      Env: ["CATALINA_BASE=/var/lib/tomcat10", "CATALINA_TMPDIR=/tmp"],
    },
    works: { question: "tomcat10" },
  },
  slapd: {
    packages: ["slapd"],
    config: {
      Cmd: sh(`cd /etc/ldap; mkdir -p slapd.d
        sed 's/@SUFFIX@/dc=example/; s/@PASSWORD@/secret/' /usr/share/slapd/slapd.init.ldif | slapadd -F slapd.d -b cn=config
        chown -R openldap slapd.d /var/lib/ldap; install -d -o openldap /run/slapd
        exec slapd -d 0 -u openldap -g openldap -F /etc/ldap/slapd.d`),
    },
    works: { question: "slapd" },
  },
  postgresql: {
    packages: ["postgresql"],
    config: {
      Cmd: sh(`version=$(ls /usr/lib/postgresql)
        pg_createcluster $version main -- --no-sync && echo 'ssl = off' >> /etc/postgresql/$version/main/postgresql.conf
        exec pg_ctlcluster --foreground $version main start`),
    },
    works: { question: "postgresql" },
  },
  "mariadb-server": {
    packages: ["mariadb-server"],
    config: {
      Cmd: sh(`install -d -o mysql /run/mysqld; mariadb-install-db --user=mysql --skip-test-db
        exec mariadbd --user=mysql`),
    },
    works: { question: "mariadb" },
  },
  "rabbitmq-server": {
    packages: ["rabbitmq-server"],
    config: {
      Cmd: ["/usr/sbin/rabbitmq-server"],
      User: "rabbitmq",
      Env: ["HOME=/var/lib/rabbitmq", "RABBITMQ_NODENAME=rabbit@localhost"],
    },
    works: { question: "rabbitmq" },
  },
  "texlive-latex-base": {
    packages: ["texlive-latex-base"],
    config: {
      Cmd: sh(`cd /tmp; printf '\\\\documentclass{article}\\\\begin{document}Hello\\\\end{document}' > page.tex
        pdflatex -interaction=batchmode page.tex > /dev/null; head -c 5 page.pdf`),
    },
    works: { prints: /^%PDF-$/ },
  },
  "emacs-nox": {
    packages: ["emacs-nox"],
    config: { Cmd: ["/usr/bin/emacs", "--batch", "--eval", "(progn (require 'org) (princ (* 6 7)))"] },
    works: { prints: /^42$/ },
  },
  "r-base-core": {
    packages: ["r-base-core"],
    config: { Cmd: ["/usr/bin/Rscript", "-e", "library(stats); cat(median(c(1, 42, 99)))"] },
    works: { prints: /^42$/ },
  },
};
