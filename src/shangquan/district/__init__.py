"""Room card: district (floor 5), the place and who trades in it.

Purpose     buildings, floors, merchants with their stores, and the goods they sell.
Words       Building 楼宇, Floor 楼层, Category 业态, Merchant 商户, Store 门店, Product 商品, commission 佣金.
Owns        Building, Floor, Category, Merchant, Store, Product.
Door        door.py: merchant(), merchants(), active_merchant_ids(), is_open_for_business(), store(), stores(), floors(),
            categories(), find_product(), products(), directory(), register_merchant_filter().
Events      MerchantApplied, MerchantAccepted, MerchantRefused, MerchantSuspended, MerchantResumed.
Never       knows a member, a coupon or a bill; deletes a merchant (its history stays readable).
"""
