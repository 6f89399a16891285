"""Room card: tenancy (floor 3), whose district this is.

Purpose     the platform's districts, each with its zone, brand and switched modules.
Words       District 商圈, Module 功能模块.
Owns        District.
Door        door.py: district(), local(), today(), module_on(), require_module().
Events      DistrictOpened, ModuleSwitched.
Never       knows a member, a merchant or money.
"""
