exports.up = async (knex) => {
  await knex.schema.alterTable('orders', (table) => table.string('reference', 40));
};

exports.down = (knex) => knex.schema.alterTable('orders', (table) => table.dropColumn('reference'));
