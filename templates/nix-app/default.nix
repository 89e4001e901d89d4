# The app, as bin/server. In place of this machine's channel a revision can be written:
#   pkgs ? import (fetchTarball "https://github.com/NixOS/nixpkgs/archive/REVISION.tar.gz") { }
{ pkgs ? import <nixpkgs> { } }:

pkgs.writers.writePython3Bin "server" { } (builtins.readFile ./app/server.py)
