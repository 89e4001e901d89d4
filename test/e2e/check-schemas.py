"""Checks JSON documents by the OCI image specification's schemas.

Arguments: the folder of the schemas. Standard input: lines of a schema's file name and a document's path. Prints what is wrong.
"""
import json
import os
import sys

from jsonschema import Draft4Validator, RefResolver



def local(schema):
    """Nothing is fetched: they refer to each other by file name, whatever address they say they have."""
    return {key: value for key, value in schema.items() if key not in ("id", "$schema") or isinstance(value, dict)}


folder = sys.argv[1]
schemas = {}
for name in os.listdir(folder):
    if not name.endswith(".json"):
        continue
    with open(os.path.join(folder, name)) as file:
        schemas[name] = json.load(file, object_hook=local)

for line in sys.stdin:
    name, path = line.rstrip("\n").split(" ", 1)
    with open(path) as file:
        document = json.load(file)
    resolver = RefResolver(base_uri="", referrer=schemas[name], store=schemas)
    for error in Draft4Validator(schemas[name], resolver=resolver).iter_errors(document):
        print(f"{path} ({name}): {'/'.join(map(str, error.path))}: {error.message}")
