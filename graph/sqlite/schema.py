"""The schema of the embedded store and its migrations.

Every fact has an integer key in ``fact``; every version of it is a row of its kind's table, valid in transaction time
[tf, tt). ``fact.mark`` and the marks copied to links say what a subject *ever* was (`LISTED`, `MERGED`, `NAMELESS`,
added up): only a far end with a mark can end a path of evidence, and the index finds them at once in a hub; a walk asks
for the records, the clusters and the names only of those that have some. Marks are set and never taken back, so that
they hold for every known_at.
"""

from __future__ import annotations

APPLICATION_ID = 0x58484E47  # "XHNG"
LISTED, MERGED, NAMELESS = 1, 2, 4
"""Had a record or was named by one; was an end of a merge; was a person without identity."""

_FIRST = """
CREATE TABLE clock (only INTEGER PRIMARY KEY CHECK (only = 1), last INTEGER NOT NULL);

CREATE TABLE fact (k INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind INTEGER NOT NULL,
  mark INTEGER NOT NULL DEFAULT 0);

CREATE TABLE subject (v INTEGER PRIMARY KEY, k INTEGER NOT NULL, tf INTEGER NOT NULL, tt INTEGER NOT NULL,
  kind TEXT NOT NULL, name TEXT NOT NULL, identifiers TEXT NOT NULL, region TEXT, established_on INTEGER, source TEXT,
  digest TEXT, mask TEXT, ciphertext BLOB, norm TEXT NOT NULL, UNIQUE (k, tf));
CREATE INDEX subject_by_norm ON subject (norm, kind);
CREATE INDEX subject_by_digest ON subject (digest) WHERE digest IS NOT NULL;

CREATE TABLE identifier (scheme TEXT NOT NULL, value TEXT NOT NULL, v INTEGER NOT NULL, norm TEXT NOT NULL,
  PRIMARY KEY (scheme, value, v)) WITHOUT ROWID;
CREATE INDEX identifier_by_norm ON identifier (norm, v);

CREATE VIRTUAL TABLE subject_text USING fts5 (name, identifiers, content='', tokenize='ascii');

CREATE TABLE link (v INTEGER PRIMARY KEY, k INTEGER NOT NULL, tf INTEGER NOT NULL, tt INTEGER NOT NULL,
  type INTEGER NOT NULL, holder INTEGER NOT NULL, organisation INTEGER NOT NULL, valid_from INTEGER,
  valid_to INTEGER NOT NULL, share REAL, position TEXT, source TEXT,
  holder_mark INTEGER NOT NULL, organisation_mark INTEGER NOT NULL, UNIQUE (k, tf));
CREATE INDEX link_by_holder
  ON link (holder, type, organisation_mark, organisation, valid_to, tf, tt, share);
CREATE INDEX link_by_organisation
  ON link (organisation, type, holder_mark, holder, valid_to, tf, tt, share);

CREATE TABLE record (v INTEGER PRIMARY KEY, k INTEGER NOT NULL, tf INTEGER NOT NULL, tt INTEGER NOT NULL,
  subject INTEGER NOT NULL, list TEXT NOT NULL, severity TEXT, number TEXT, department TEXT, decided_on INTEGER,
  acted_on INTEGER, final_on INTEGER, sentence_ends_on INTEGER, bankruptcy_ends_on INTEGER, term_ends_on INTEGER,
  effective_from INTEGER, effective_to INTEGER, publicity_from INTEGER, publicity_to INTEGER, repaired_on INTEGER,
  masked_from INTEGER, masked_to INTEGER, annulled INTEGER NOT NULL, disputed INTEGER NOT NULL, amount INTEGER,
  region TEXT, fields TEXT NOT NULL, source TEXT, test INTEGER NOT NULL, UNIQUE (k, tf));
CREATE INDEX record_by_subject ON record (subject, list, tf, tt);
CREATE INDEX record_by_list ON record (list, tf, tt);

CREATE TABLE naming (v INTEGER PRIMARY KEY, k INTEGER NOT NULL, tf INTEGER NOT NULL, tt INTEGER NOT NULL,
  record INTEGER NOT NULL, person INTEGER NOT NULL, role TEXT NOT NULL, finding TEXT, document TEXT, source TEXT,
  UNIQUE (k, tf));
CREATE INDEX naming_by_person ON naming (person, role, tf, tt);

CREATE TABLE merge (v INTEGER PRIMARY KEY, k INTEGER NOT NULL, tf INTEGER NOT NULL, tt INTEGER NOT NULL,
  "left" INTEGER NOT NULL, "right" INTEGER NOT NULL, "by" TEXT NOT NULL, reason TEXT NOT NULL,
  undone INTEGER NOT NULL, undone_by TEXT, undone_reason TEXT, source TEXT, UNIQUE (k, tf));
CREATE INDEX merge_by_left ON merge ("left", tt);
CREATE INDEX merge_by_right ON merge ("right", tt);

CREATE TABLE cluster (member INTEGER NOT NULL, tf INTEGER NOT NULL, tt INTEGER NOT NULL, root INTEGER NOT NULL,
  PRIMARY KEY (member, tf)) WITHOUT ROWID;
CREATE INDEX cluster_by_root ON cluster (root, tf, tt);

CREATE TABLE source (v INTEGER PRIMARY KEY, k INTEGER NOT NULL, tf INTEGER NOT NULL, tt INTEGER NOT NULL,
  department TEXT NOT NULL, dataset TEXT NOT NULL, holds TEXT NOT NULL, cadence TEXT NOT NULL, territory TEXT,
  UNIQUE (k, tf));

CREATE TABLE load (v INTEGER PRIMARY KEY, k INTEGER NOT NULL, tf INTEGER NOT NULL, tt INTEGER NOT NULL,
  source INTEGER NOT NULL, through INTEGER NOT NULL, UNIQUE (k, tf));
"""

_FIELDS = """
ALTER TABLE subject ADD COLUMN fields TEXT NOT NULL DEFAULT '{}';
ALTER TABLE link ADD COLUMN fields TEXT NOT NULL DEFAULT '{}';
"""

_MARKS_TOLD_APART = """
UPDATE fact SET mark = (EXISTS (SELECT 1 FROM record WHERE record.subject = fact.k)
    OR EXISTS (SELECT 1 FROM naming WHERE naming.person = fact.k))
  + 2 * (EXISTS (SELECT 1 FROM merge WHERE "left" = fact.k) OR EXISTS (SELECT 1 FROM merge WHERE "right" = fact.k))
  + 4 * EXISTS (SELECT 1 FROM subject WHERE subject.k = fact.k AND subject.kind = 'natural_person'
    AND subject.identifiers = '{}' AND subject.digest IS NULL)
  WHERE mark = 1;
UPDATE link SET holder_mark = (SELECT fact.mark FROM fact WHERE fact.k = link.holder) WHERE holder_mark = 1;
UPDATE link SET organisation_mark = (SELECT fact.mark FROM fact WHERE fact.k = link.organisation)
  WHERE organisation_mark = 1;
"""

_LOADS_BY_SOURCE = "CREATE INDEX IF NOT EXISTS load_by_source ON load (source, through);"

MIGRATIONS: tuple[str, ...] = (_FIRST, _FIELDS, _MARKS_TOLD_APART, _LOADS_BY_SOURCE)
"""The script at index n brings a store of version n to version n + 1. Published scripts are never changed."""
