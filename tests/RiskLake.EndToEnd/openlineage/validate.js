'use strict';

// Validates OpenLineage events, one a line, against the published schemas:
//
//   node validate.js <folder with the schemas> <file.ndjson>...
//
// Each event is held against the core schema, and each object in it that names a schema of its own (_schemaURL) against that one:
// the core alone accepts a facet whose body is wrong. Prints one line of JSON and exits 1 if anything is wrong.

const fs = require('node:fs');
const path = require('node:path');
const Ajv2020 = require('ajv/dist/2020');
const addFormats = require('ajv-formats');

const ownSchemas = path.join(__dirname, '..', '..', '..', 'docs', 'openlineage');

function schemaFiles(folder) {
  return fs.readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => path.join(folder, name));
}

/** A function that takes an event and returns what is wrong with it, and how many objects were looked at. */
function validator(folders) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  for (const file of folders.flatMap(schemaFiles)) {
    ajv.addSchema(JSON.parse(fs.readFileSync(file, 'utf8')));
  }

  function check(url, value, place, problems) {
    let schema;
    try {
      schema = ajv.getSchema(url);
    } catch (error) {
      problems.push(`${place}: ${url}: ${error.message}`);
      return;
    }
    if (schema === undefined) {
      problems.push(`${place}: no schema ${url}`);
    } else if (!schema(value)) {
      problems.push(...schema.errors.map((error) => `${place}${error.instancePath}: ${error.message} (${url})`));
    }
  }

  function walk(value, place, seen) {
    if (value === null || typeof value !== 'object') {
      return;
    }
    if (typeof value._schemaURL === 'string') {
      seen.facets += 1;
      check(value._schemaURL, value, place, seen.problems);
    }
    for (const [name, child] of Object.entries(value)) {
      walk(child, `${place}/${name}`, seen);
    }
  }

  return (event, place) => {
    const seen = { facets: 0, problems: [] };
    check(event.schemaURL, event, place, seen.problems);
    check('https://openlineage.io/spec/2-0-2/OpenLineage.json', event, place, seen.problems);
    walk(event, place, seen);
    return seen;
  };
}

function validateFiles(schemas, files) {
  const validate = validator([schemas, ownSchemas]);
  const total = { events: 0, facets: 0, problems: [] };
  for (const file of files) {
    const lines = fs.readFileSync(file, 'utf8').split('\n').filter((line) => line.length > 0);
    lines.forEach((line, index) => {
      const seen = validate(JSON.parse(line), `${path.basename(file)}:${index + 1}`);
      total.events += 1;
      total.facets += seen.facets;
      total.problems.push(...seen.problems);
    });
  }
  return total;
}

if (require.main === module) {
  const [schemas, ...files] = process.argv.slice(2);
  const total = validateFiles(schemas, files);
  console.log(JSON.stringify(total));
  process.exitCode = total.problems.length === 0 && total.events > 0 ? 0 : 1;
}

module.exports = { validator, validateFiles, ownSchemas };
