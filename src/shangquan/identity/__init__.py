"""Room card: identity (floor 4), who works here and what they may do.

Purpose     staff accounts, their roles in a district, merchant or store, sign-in, device tokens.
Words       Account 账号, Grant 授权, Role 角色, Right 权限, DeviceToken 设备令牌.
Owns        Account (platform), Grant, DeviceToken, SuspendedMerchant, SignInAttempt (platform).
Door        door.py: actor_of_request(), actor_for(), staff_card(), suspend_staff(); api.py: right(), staff_auth, member_auth.
Events      StaffGranted, StaffRevoked.
Never       knows a consumer; decides what a coupon or a bill is.
"""
