/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A person's word that a project's own file may have what it asks for beyond tightening. It holds for
 * one project, for the exact bytes of the file (SHA-256), and for the settings that were shown. Kept in
 * a file of ours outside of the project:
 *
 *     claude-sandbox acceptance 1
 *     SHA256 OF THE FILE
 *     SETTING
 *     ...
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/field.h"
#include "spec/facts.h"

#define PROJECT_CONFIG_MAX ((size_t)64 << 10)
#define PROJECT_CONFIG_NAME ".claude-sandbox.json"
#define ACCEPTED_MAX ((size_t)16 << 10)

/* <state_root>/accepted/SHA256 OF THE PROJECT'S PATH */
const char *accepted_path(const struct facts *f, struct arena *a);

/* Whether anybody can accept the row: not what weakens the choice of sandbox itself. */
bool accepted_may(const struct field *row);

void accepted_text(const char *hash, const struct field_mask *granted, struct buf *b);

/* The settings that @text grants to a file of hash @hash; none if anything about it is odd. */
struct field_mask accepted_parse(char *text, const char *hash);
