/** Tables in which frameworks keep which migrations have run: no request of an app reads them. */
const BOOKKEEPING =
  /^(?:alembic_version|knex_migrations(?:_lock)?|django_migrations|schema_migrations|ar_internal_metadata|_prisma_migrations|flyway_schema_history|databasechangelog(?:lock)?|sequelizemeta|pgmigrations|goose_db_version|__drizzle_migrations|typeorm_metadata|migrations|phinxlog|doctrine_migration_versions|atlas_schema_revisions)$/i;

export function isBookkeeping(table: string): boolean {
  return BOOKKEEPING.test(table);
}
