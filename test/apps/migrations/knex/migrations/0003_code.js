// A default that differs from row to row: the table is written anew while everybody waits.
exports.up = (knex) =>
  knex.schema.alterTable('orders', (table) =>
    table.uuid('code').notNullable().defaultTo(knex.raw('gen_random_uuid()')),
  );

exports.down = (knex) => knex.schema.alterTable('orders', (table) => table.dropColumn('code'));
