export default { name: 'my_log', type: 'solo' }
